/**
 * The bytes of a file on disk, decompressed if it is gzip. A file can be read as often as needed, and
 * every read fails once it is no longer the file with the same fingerprint.
 */

import { type FileHandle, open, stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SourceError, toSourceError } from './source-error.ts';

/** Identifies a version of a file: its size in bytes and the time of its last change. */
export interface Fingerprint {
  size: number;
  mtimeMs: number;
}

/** 64 KB: some 700 customers per chunk. */
const CHUNK_BYTES = 64 * 1024;

/** Gzip's first two bytes. The file's name does not matter. */
const GZIP = Buffer.of(0x1f, 0x8b);

const openProblems: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist. Check the path.',
  ENOTDIR: 'does not exist. Check the path.',
  EISDIR: 'is a folder. Name the file in it.',
  EACCES: 'cannot be read by this user. Change its permissions.',
  EPERM: 'cannot be read by this user. Change its permissions.',
};

const GONE =
  'was moved or deleted since it was first read. Put it back and resume, or start again with another file.';
const CHANGED =
  'was changed since it was first read. Put the old file back with its modification time (mv, cp -p) and resume, or start again with this file.';

const goneProblems: Readonly<Record<string, string>> = {
  ...openProblems,
  ENOENT: GONE,
  ENOTDIR: GONE,
  ESTALE: GONE,
};

const readProblems: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'is an incomplete gzip file. Copy or download it again.',
  Z_DATA_ERROR: 'is a damaged gzip file. Copy or download it again.',
  EIO: 'cannot be read to its end because its disk or network drive fails. Copy it to another one.',
};

/** Returns the fingerprint of a file. Throws {@link SourceError} if the file cannot be opened. */
export async function fingerprintOf(path: string): Promise<Fingerprint> {
  const file = await openRegularFile(path);
  try {
    const { size, mtimeMs } = await file.stat();
    return { size, mtimeMs };
  } finally {
    await file.close();
  }
}

/**
 * Reads a file from the start, and closes it however the reading ends. Throws {@link SourceError} if it
 * cannot be read to its end or no longer has the fingerprint; no chunk of another file is yielded.
 */
export async function* readBytes(path: string, fingerprint: Fingerprint): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of chunksOf(path)) {
      await assertUnchanged(path, fingerprint);
      yield chunk;
    }
  } catch (error) {
    // If the file was changed, that is the cause of any other error.
    await assertUnchanged(path, fingerprint);
    throw toSourceError(path, error, readProblems);
  }
  // A truncated file has no further chunk after which to check.
  await assertUnchanged(path, fingerprint);
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file = await openRegularFile(path);
  try {
    const start = Buffer.alloc(GZIP.length);
    await file.read(start, 0, start.length, 0);
    const bytes = file.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES, autoClose: false });
    yield* start.equals(GZIP) ? decompress(bytes) : bytes;
  } finally {
    await file.close();
  }
}

function decompress(bytes: Readable): Readable {
  // The consumer of the returned stream receives every error, so the callback has nothing to do.
  return pipeline(bytes, createGunzip({ chunkSize: CHUNK_BYTES }), () => {});
}

async function openRegularFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path);
    const stats = await file.stat();
    if (stats.isFile()) return file;
    await file.close();
    // A pipe can be read only once, and a source is read twice: to check it and to send it.
    throw new SourceError(
      `${path} is ${stats.isDirectory() ? 'a folder. Name the file in it.' : 'not a regular file. Save its content to one first.'}`,
    );
  } catch (error) {
    throw toSourceError(path, error, openProblems);
  }
}

async function assertUnchanged(path: string, fingerprint: Fingerprint): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw toSourceError(path, error, goneProblems);
  });
  // A restored file has its time to the microsecond only.
  const isSameTime = Math.abs(found.mtimeMs - fingerprint.mtimeMs) < 0.01;
  if (found.size === fingerprint.size && isSameTime) return;
  throw new SourceError(`${path} ${CHANGED}`);
}
