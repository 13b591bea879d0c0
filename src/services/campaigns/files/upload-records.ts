/** The uploads on this machine's disk, by the metadata that the upload protocol keeps beside each: `{id}.json`. */

import { readdir, readFile, stat, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { hostClock } from '../../../kit/clock.ts';

export interface Upload {
  id: string;
  path: string;
  /** Name of the file on the operator's disk. */
  name: string;
  /** Size that was announced, and the bytes that have arrived. */
  bytes: number;
  received: number;
  /** Name of the operator who uploads it. */
  by: string;
  /** When it was begun, ms since 1970. */
  at: number;
}

export interface UploadRecords {
  /** Returns undefined for an id that names none. */
  find(id: string): Promise<Upload | undefined>;
  list(): Promise<Upload[]>;
  /** Notes that the upload is in use, which keeps it from being swept. */
  touch(id: string): Promise<void>;
}

const METADATA = '.json';

const metadata = z.object({
  size: z.number(),
  metadata: z.object({ filename: z.string().nullish(), by: z.string() }),
  creation_date: z.iso.datetime(),
});

export function makeUploadRecords(folder: string): UploadRecords {
  const find = async (id: string): Promise<Upload | undefined> => {
    // The id comes from a request: it must not lead out of the folder.
    if (id !== basename(id)) return undefined;
    const path = join(folder, id);
    try {
      const [text, { size: received }] = await Promise.all([readFile(path + METADATA, 'utf8'), stat(path)]);
      const { size, metadata: given, creation_date: at } = metadata.parse(JSON.parse(text));
      const { filename, by } = given;
      return { id, path, name: filename ?? '', bytes: size, received, by, at: Date.parse(at) };
    } catch {
      return undefined;
    }
  };

  return {
    find,
    async list() {
      const names = await readdir(folder).catch(() => []);
      const ids = names.filter((name) => name.endsWith(METADATA)).map((name) => basename(name, METADATA));
      const found = await Promise.all(ids.map(find));
      return found.flatMap((upload) => upload ?? []);
    },
    async touch(id) {
      const now = hostClock() / 1000;
      // Not the file itself: a campaign recognizes it by its modification time.
      await utimes(join(folder, basename(id)) + METADATA, now, now);
    },
  };
}
