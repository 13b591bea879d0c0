/**
 * Brings a remote file onto this machine's disk, in flat memory. What lies under the name that is
 * returned is whole, whatever died on the way: it gets that name last.
 */

import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileKey } from './choose-file.ts';
import type { FileStore, RemoteFile } from './file-store.ts';
import { codeOf, StoreError } from './store-error.ts';
import { within } from './within.ts';

interface DownloadOptions {
  /** How long the next byte may take, in ms. */
  stallMs: number;
}

export interface SpooledFile {
  path: string;
  /** Bytes, as many as the listing said. */
  size: number;
}

const PART = '.part';

/** No filesystem takes a name of more than 255 bytes; a letter may be 4 of them. */
const NAME_LETTERS = 45;

const diskProblems = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EIO']);

/**
 * Downloads that version of the file into the folder, which is made if need be. One that is there
 * already is not downloaded again; versions of one name lie side by side, so a campaign can go on
 * reading an older one. Throws {@link StoreError}; then nothing is left but room to begin again.
 */
export async function download(
  store: FileStore,
  file: RemoteFile,
  dir: string,
  { stallMs }: DownloadOptions,
): Promise<SpooledFile> {
  const path = join(dir, spoolName(file));
  const part = `${path}.${randomUUID()}${PART}`;
  try {
    await mkdir(dir, { recursive: true });
    if (await isThere(path, file.size)) return { path, size: file.size };
    await sweepParts(dir, stallMs);
    await fetchInto(part, store, file, stallMs);
    await rename(part, path);
    await syncFolder(dir);
    return { path, size: file.size };
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    const code = codeOf(error);
    if (error instanceof StoreError || code === undefined || !diskProblems.has(code)) throw error;
    throw new StoreError('SPOOL_UNWRITABLE', dir, code, { cause: error });
  }
}

/** A name that stays in its folder whatever the other side calls its file, and differs by version. */
function spoolName(file: RemoteFile): string {
  const digest = createHash('sha256').update(fileKey(file)).digest('hex').slice(0, 16);
  // The end of a name tells more than its start: a date, the kind.
  const letters = Array.from(file.name.replaceAll(/[^\p{L}\p{M}\p{N}._-]/gu, '_'))
    .slice(-NAME_LETTERS)
    .join('');
  return `${digest}-${letters}`;
}

async function fetchInto(part: string, store: FileStore, file: RemoteFile, stallMs: number): Promise<void> {
  const place = `${store.place}, ${file.name}`;
  const disk = await open(part, 'wx');
  try {
    const size = await pour(chunksOf(store, file, place, stallMs), disk, file.size, place);
    if (size < file.size) throw new StoreError('STORE_CUT_SHORT', place, `${size} of ${file.size} bytes`);
    await disk.sync();
  } finally {
    await disk.close();
  }
}

async function pour(
  chunks: AsyncIterable<Buffer>,
  disk: FileHandle,
  limit: number,
  place: string,
): Promise<number> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limit) throw new StoreError('STORE_FILE_CHANGED', place, `more than its ${limit} bytes`);
    await disk.writeFile(chunk);
  }
  return size;
}

/** The file's chunks, each within `stallMs`. */
async function* chunksOf(
  store: FileStore,
  file: RemoteFile,
  place: string,
  stallMs: number,
): AsyncGenerator<Buffer> {
  const late = () => new StoreError('STORE_STALLED', place, `no byte within ${stallMs / 1000} s`);
  const stream: Readable = await within(stallMs, store.read(file), late);
  // It is destroyed while it may still be reading: what comes of that is nobody's concern any more.
  stream.on('error', () => {});
  try {
    const chunks: AsyncIterator<Buffer> = stream.iterator({ destroyOnReturn: false });
    for (;;) {
      const next = await within(stallMs, chunks.next(), late);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    stream.destroy();
  }
}

async function isThere(path: string, size: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === size;
}

/** Removes what killed downloads left behind: parts that nobody wrote to for twice the time a stall takes. */
async function sweepParts(dir: string, stallMs: number): Promise<void> {
  const parts = (await readdir(dir)).filter((name) => name.endsWith(PART)).map((name) => join(dir, name));
  await Promise.all(
    parts.map(async (part) => {
      const found = await stat(part).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > 2 * stallMs) await rm(part, { force: true });
    }),
  );
}

/** Makes the new name as durable as the bytes. */
async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
