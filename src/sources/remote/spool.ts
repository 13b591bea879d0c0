/**
 * Downloads a remote file to this machine's disk, in constant memory. A file gets its final name last,
 * so a file of that name is complete even if a process died.
 */

import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { hostClock } from '../../kit/clock.ts';
import { withDeadline } from '../../kit/deadline.ts';
import { makePrivateFolder, PRIVATE_FILE, syncFolder } from '../../kit/files.ts';
import type { FileStore, RemoteFile } from './file-store.ts';
import { fileKey } from './find-file.ts';
import { codeOf, StoreError } from './store-error.ts';

interface DownloadOptions {
  /** Milliseconds that the next chunk may take. */
  stallMs: number;
}

export interface SpooledFile {
  path: string;
  /** Bytes, the same as in the listing. */
  size: number;
}

const PART = '.part';

/** File systems allow names of up to 255 bytes; a letter may have 4. */
const MAX_NAME_LETTERS = 45;

const diskErrors = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EIO']);

/**
 * Downloads one version of a file into a folder, which is created if necessary. Returns at once if that
 * version was downloaded before. Other versions of the name stay, because a campaign may still read one.
 * Throws {@link StoreError} and then leaves nothing behind.
 */
export async function download(
  store: FileStore,
  file: RemoteFile,
  dir: string,
  { stallMs }: DownloadOptions,
): Promise<SpooledFile> {
  const path = join(dir, spoolName(file));
  // Random, because several processes may download the same file.
  const part = `${path}.${randomUUID()}${PART}`;
  try {
    await makePrivateFolder(dir);
    if (await hasSize(path, file.size)) return { path, size: file.size };
    await removeStaleParts(dir, stallMs);
    await downloadTo(part, store, file, stallMs);
    await rename(part, path);
    await syncFolder(dir);
    return { path, size: file.size };
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    const code = codeOf(error);
    if (error instanceof StoreError || code === undefined || !diskErrors.has(code)) throw error;
    throw new StoreError('SPOOL_UNWRITABLE', dir, code, { cause: error });
  }
}

/** Returns a name that differs by version and stays in its folder, whatever the remote name contains. */
function spoolName(file: RemoteFile): string {
  const digest = createHash('sha256').update(fileKey(file)).digest('hex').slice(0, 16);
  // The end of a name says more than its start: the date, the extension.
  const letters = Array.from(file.name.replaceAll(/[^\p{L}\p{M}\p{N}._-]/gu, '_'))
    .slice(-MAX_NAME_LETTERS)
    .join('');
  return `${digest}-${letters}`;
}

async function downloadTo(part: string, store: FileStore, file: RemoteFile, stallMs: number): Promise<void> {
  const label = `${store.label}, ${file.name}`;
  const disk = await open(part, 'wx', PRIVATE_FILE);
  try {
    const size = await writeChunks(chunksOf(store, file, label, stallMs), disk, file.size, label);
    if (size < file.size) throw new StoreError('STORE_CUT_SHORT', label, `${size} of ${file.size} bytes`);
    await disk.sync();
  } finally {
    await disk.close();
  }
}

async function writeChunks(
  chunks: AsyncIterable<Buffer>,
  disk: FileHandle,
  maxSize: number,
  label: string,
): Promise<number> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxSize) throw new StoreError('STORE_FILE_CHANGED', label, `more than its ${maxSize} bytes`);
    await disk.writeFile(chunk);
  }
  return size;
}

/** Yields the chunks of the file, each within `stallMs`. */
async function* chunksOf(
  store: FileStore,
  file: RemoteFile,
  label: string,
  stallMs: number,
): AsyncGenerator<Buffer> {
  const late = () => new StoreError('STORE_STALLED', label, `no data within ${stallMs / 1000} s`);
  const stream: Readable = await withDeadline(stallMs, () => store.read(file), late);
  // The stream may be destroyed during a read, whose error no longer matters.
  stream.on('error', () => {});
  try {
    const chunks: AsyncIterator<Buffer> = stream.iterator({ destroyOnReturn: false });
    for (;;) {
      const next = await withDeadline(stallMs, () => chunks.next(), late);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    stream.destroy();
  }
}

async function hasSize(path: string, size: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === size;
}

/** Removes the parts of downloads that were killed: those not written to for twice the stall time. */
async function removeStaleParts(dir: string, stallMs: number): Promise<void> {
  const parts = (await readdir(dir)).filter((name) => name.endsWith(PART)).map((name) => join(dir, name));
  await Promise.all(
    parts.map(async (part) => {
      const found = await stat(part).catch(() => undefined);
      if (found !== undefined && hostClock() - found.mtimeMs > 2 * stallMs) await rm(part, { force: true });
    }),
  );
}
