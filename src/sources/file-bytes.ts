/** The bytes of a file in chunks, unpacked where it is gzip. The file is closed whichever way the reading ends. */

import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Fingerprint, openPlainFile, refuseChanged } from './plain-file.ts';
import { explained } from './source-error.ts';

/** 64 KB: some 700 customers at once, and next to no memory. */
const CHUNK_BYTES = 64 * 1024;

/** Gzip's first two bytes. Its name does not make a file gzip. */
const GZIP = Buffer.of(0x1f, 0x8b);

const readProblems: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'is a gzip file that ends too early. Copy or download it again.',
  Z_DATA_ERROR: 'is a damaged gzip file. Copy or download it again.',
  EIO: 'cannot be read to its end: its disk or network drive fails. Copy it to another one.',
};

/**
 * Reads from the start. Throws {@link SourceError} where the file cannot be read to its end, and as
 * soon as it is gone or not the file with that fingerprint: no chunk of another file is handed out.
 */
export async function* readBytes(path: string, fingerprint: Fingerprint): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of chunksOf(path)) {
      await refuseChanged(path, fingerprint);
      yield chunk;
    }
  } catch (error) {
    // A change is the cause of whatever else went wrong.
    await refuseChanged(path, fingerprint);
    throw explained(path, error, readProblems);
  }
  // A file that was cut short has no further chunk to tell by.
  await refuseChanged(path, fingerprint);
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file = await openPlainFile(path);
  try {
    const start = Buffer.alloc(GZIP.length);
    await file.read(start, 0, start.length, 0);
    const bytes = file.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES, autoClose: false });
    yield* start.equals(GZIP) ? unpacked(bytes) : bytes;
  } finally {
    await file.close();
  }
}

function unpacked(bytes: Readable): Readable {
  // The reader of the unpacked bytes hears of every error, so the callback has nothing to add.
  return pipeline(bytes, createGunzip({ chunkSize: CHUNK_BYTES }), () => {});
}
