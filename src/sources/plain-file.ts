/** A file on disk that can be read as often as needed, and whether it is still the one it was. */

import { type FileHandle, open, stat } from 'node:fs/promises';
import { explained, SourceError } from './source-error.ts';

/** Size in bytes and time of the last change: tells whether a file is still the one it was. */
export interface Fingerprint {
  size: number;
  mtimeMs: number;
}

const openProblems: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist. Check the path.',
  ENOTDIR: 'does not exist. Check the path.',
  EISDIR: 'is a folder. Name the file in it.',
  EACCES: 'may not be read by this user. Change its permissions.',
  EPERM: 'may not be read by this user. Change its permissions.',
};

const GONE =
  'is gone: it was moved or deleted since it was first read. Put it back and go on, or start anew with another one.';
const CHANGED =
  'was changed since it was first read. Put the old file back, with its time (mv, cp -p), and go on; or start anew with this one.';

const goneProblems: Readonly<Record<string, string>> = {
  ...openProblems,
  ENOENT: GONE,
  ENOTDIR: GONE,
  ESTALE: GONE,
};

/** Opens it for reading; the caller closes it. Throws {@link SourceError}. */
export async function openPlainFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path);
    const stats = await file.stat();
    if (stats.isFile()) return file;
    await file.close();
    // A pipe could be read once only, and a source is read twice: to look it over and to send it.
    throw new SourceError(
      `${path} is ${stats.isDirectory() ? 'a folder. Name the file in it.' : 'not a plain file. Save its content to one first.'}`,
    );
  } catch (error) {
    throw explained(path, error, openProblems);
  }
}

/** Takes the fingerprint of a file that can be read. Throws {@link SourceError}. */
export async function fileFingerprint(path: string): Promise<Fingerprint> {
  const file = await openPlainFile(path);
  try {
    const { size, mtimeMs } = await file.stat();
    return { size, mtimeMs };
  } finally {
    await file.close();
  }
}

/** Throws {@link SourceError} where the path no longer leads to the file with that fingerprint. */
export async function refuseChanged(path: string, fingerprint: Fingerprint): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw explained(path, error, goneProblems);
  });
  if (found.size === fingerprint.size && found.mtimeMs === fingerprint.mtimeMs) return;
  throw new SourceError(`${path} ${CHANGED}`);
}
