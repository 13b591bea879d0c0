/** Customers whose card is missing, written down as files that campaigns can be started with. */

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Lack, MissingCard } from '../../domain/failures/missing-card.ts';

export interface MissingFiles {
  /** The file to which such customers are written, as JSON Lines. */
  path(lack: Lack): string;
  write(missing: readonly MissingCard[]): Promise<void>;
  /** Waits until all is on the disk. */
  end(): Promise<void>;
}

/** Makes a file in the folder for each kind of lack that there is; `name` tells them from earlier ones. */
export async function openMissingFiles(folder: string, name: string): Promise<MissingFiles> {
  await mkdir(folder, { recursive: true });
  const files = new Map<Lack, WriteStream>();
  const path = (lack: Lack) => join(folder, `missing-${name}-${lack}.jsonl`);
  const fileOf = (lack: Lack) => {
    const file = files.get(lack) ?? createWriteStream(path(lack));
    files.set(lack, file);
    return file;
  };
  return {
    path,
    async write(missing) {
      for (const { customer, lack } of missing) {
        const file = fileOf(lack);
        const line = `${JSON.stringify({ ...customer.attributes, ...customer.ids })}\n`;
        if (!file.write(line)) await once(file, 'drain');
      }
    },
    async end() {
      await Promise.all(Array.from(files.values(), (file) => finished(file.end())));
    },
  };
}
