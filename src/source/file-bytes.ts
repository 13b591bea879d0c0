/** The bytes of a file in chunks, unpacked where it is gzip. The file is closed whichever way the reading ends. */

import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SourceError } from './source-error.ts';

/** 64 KB: some 700 customers at once, and next to no memory. */
const CHUNK_BYTES = 64 * 1024;

/** Gzip's first two bytes. Its name does not make a file gzip. */
const GZIP = Buffer.of(0x1f, 0x8b);

const openProblems: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist. Check the path.',
  ENOTDIR: 'does not exist. Check the path.',
  EISDIR: 'is a folder. Name the file in it.',
  EACCES: 'may not be read by this user. Change its permissions.',
  EPERM: 'may not be read by this user. Change its permissions.',
};

const gzipProblems: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'is a gzip file that ends too early. Copy or download it again.',
  Z_DATA_ERROR: 'is a damaged gzip file. Copy or download it again.',
};

/** Reads from the start. Throws {@link SourceError} where the file cannot be read to its end. */
export async function* readBytes(path: string): AsyncGenerator<Buffer> {
  const file = await openPlainFile(path);
  try {
    const start = Buffer.alloc(GZIP.length);
    await file.read(start, 0, start.length, 0);
    const bytes = file.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES, autoClose: false });
    yield* start.equals(GZIP) ? unpacked(bytes) : bytes;
  } catch (error) {
    throw explained(path, error, gzipProblems);
  } finally {
    await file.close();
  }
}

/** Opens a file that can be read as often as needed; the caller closes it. Throws {@link SourceError}. */
export async function openPlainFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path);
    const stat = await file.stat();
    if (stat.isFile()) return file;
    await file.close();
    // A pipe could be read once only, and a source is read twice: to look it over and to send it.
    throw new SourceError(
      `${path} is ${stat.isDirectory() ? 'a folder. Name the file in it.' : 'not a plain file. Save its content to one first.'}`,
    );
  } catch (error) {
    throw explained(path, error, openProblems);
  }
}

/** Size in bytes and time of the last change: tells whether a file is still the one it was. */
export async function fileFingerprint(path: string): Promise<{ size: number; mtimeMs: number }> {
  const file = await openPlainFile(path);
  try {
    const { size, mtimeMs } = await file.stat();
    return { size, mtimeMs };
  } finally {
    await file.close();
  }
}

function unpacked(bytes: Readable): Readable {
  // The reader of the unpacked bytes hears of every error, so the callback has nothing to add.
  return pipeline(bytes, createGunzip({ chunkSize: CHUNK_BYTES }), () => {});
}

function explained(path: string, error: unknown, problems: Readonly<Record<string, string>>): unknown {
  const problem = error instanceof Error && 'code' in error ? problems[String(error.code)] : undefined;
  return problem === undefined ? error : new SourceError(`${path} ${problem}`, { cause: error });
}
