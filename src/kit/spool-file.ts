/**
 * A file that is either whole or not there: it is written under another name, and gets its own once
 * every byte is on the disk.
 */

import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface SpoolFile {
  /** Appends. */
  write(piece: Buffer): Promise<void>;
  /** Puts it in place, over any file that is there. */
  keep(): Promise<void>;
  /** Removes it unless it was kept. */
  close(): Promise<void>;
}

/**
 * Begins a file, for one writer at a time; all of it rejects as the file system does. A process that
 * dies leaves `{path}.part`, which the next one writes anew. Only this user may read it: it holds
 * customers' data.
 */
export async function openSpoolFile(path: string): Promise<SpoolFile> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o600);
  let kept = false;
  return {
    write: (piece) => file.writeFile(piece),
    async keep() {
      await file.sync();
      await rename(part, path);
      kept = true;
      await syncFolder(dirname(path));
    },
    async close() {
      await file.close();
      if (!kept) await rm(part, { force: true });
    },
  };
}

/** A new name is on the disk only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
