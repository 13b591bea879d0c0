/** Keeps uploads on disk, readable by this user only, and passes on why one could not be written. */

import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileConfigstore, FileStore } from '@tus/file-store';
import type { Upload } from '@tus/server';
import { PRIVATE_FILE } from '../../../kit/files.ts';

/** Writes the metadata of an upload as `{id}.json`. */
class PrivateMetadata extends FileConfigstore {
  override async set(id: string, upload: Upload): Promise<void> {
    await writeFile(join(this.directory, `${id}.json`), JSON.stringify(upload), { mode: PRIVATE_FILE });
  }
}

/** Ids must be names without a path. Uploads must announce their size, which the quotas need; they do not expire here. */
export class UploadStore extends FileStore {
  override extensions = ['creation', 'creation-with-upload', 'termination'];

  constructor(folder: string) {
    super({ directory: folder, configstore: new PrivateMetadata(folder) });
  }

  override async create(upload: Upload): Promise<Upload> {
    const path = join(this.directory, upload.id);
    await writeFile(path, '', { mode: PRIVATE_FILE, flag: 'wx' });
    await this.configstore.set(upload.id, upload);
    upload.storage = { type: 'file', path };
    return upload;
  }

  /** Appends a chunk; returns the new size. */
  override async write(chunk: Readable, id: string, offset: number): Promise<number> {
    const file = createWriteStream(join(this.directory, id), { flags: 'r+', start: offset });
    await pipeline(chunk, file);
    return offset + file.bytesWritten;
  }
}

const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/** Returns the answer to an error of the disk; undefined for another error. */
export function describeWriteError(error: object): { status_code: number; body: string } | undefined {
  if (!('code' in error) || !FULL.has(error.code)) return undefined;
  const message =
    'The disk of DATA_DIR is full. Free some space on the server, then choose the file again: the upload continues where it stopped.';
  return { status_code: 507, body: JSON.stringify({ error: { code: 'DISK_FULL', message } }) };
}
