/** Files that are replaced as a whole, and files that change while we read them. */

import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { chmod, link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface AtomicFile {
  /** Appends. */
  write(chunk: Buffer): Promise<void>;
  /** Syncs the file and moves it to its path, replacing any file there. */
  commit(): Promise<void>;
  /** Closes the file, and removes it unless it was committed. */
  close(): Promise<void>;
}

/**
 * Opens a file that appears under its path only when it is complete and on disk. One writer at a time;
 * rejects with the errors of the file system. A process that dies leaves `{path}.part`, which the next
 * writer overwrites. Readable by this user only, because it holds customer data.
 */
export async function openAtomicFile(path: string): Promise<AtomicFile> {
  const part = `${path}.part`;
  const file = await open(part, 'w', PRIVATE_FILE);
  let isCommitted = false;
  return {
    write: (chunk) => file.writeFile(chunk),
    async commit() {
      await file.sync();
      await rename(part, path);
      isCommitted = true;
      await syncFolder(dirname(path));
    },
    async close() {
      await file.close();
      if (!isCommitted) await rm(part, { force: true });
    },
  };
}

/** Mode of files that hold customer data or secrets: of their owner only. */
export const PRIVATE_FILE = 0o600;
/** The same for folders. */
export const PRIVATE_FOLDER = 0o700;

/**
 * Creates a folder and its parents for this user only, and takes the access of others to an existing one away. The mode
 * of a folder of another user, such as a mounted volume, stays. Rejects with the errors of the file system.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
  await chmod(path, PRIVATE_FOLDER).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPERM' && error.code !== 'ENOTSUP') throw error;
  });
}

/**
 * Replaces a small text file, or creates it. `mode`: its permissions, e.g. {@link PRIVATE_FILE}. Rejects with the
 * errors of the file system, and then leaves the old file as it was.
 */
export async function writeFileAtomically(
  path: string,
  text: string,
  { mode = 0o666 }: { mode?: number } = {},
): Promise<void> {
  const part = `${path}.part`;
  // A leftover of a crash would keep its own permissions.
  await rm(part, { force: true });
  try {
    await writeFile(part, text, { mode, flag: 'wx' });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/**
 * Creates a small text file, complete from the start. Of several processes that do so at once, one succeeds.
 * Rejects with the errors of the file system, among them `EEXIST`.
 */
export async function createFileAtomically(
  path: string,
  text: string,
  { mode = 0o666 }: { mode?: number } = {},
): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(part, text, { mode, flag: 'wx' });
    // Unlike a rename, a link replaces nothing.
    await link(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

/** Makes the rename durable: a new name is on disk only after its folder is synced. Windows refuses to sync folders. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Returns a text that changes whenever the file does, without reading it; empty if there is no file. */
export function fileVersion(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
}
