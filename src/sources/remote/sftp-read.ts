/**
 * A remote file's bytes in order, with several reads under way: one at a time would move no more
 * than a chunk per round trip.
 */

import type { SFTPWrapper } from 'ssh2';

/** 32 KB is what every server answers at once (draft-ietf-secsh-filexfer-02, 3). */
const CHUNK_BYTES = 32 * 1024;

/** 1 MB under way: 20 MB/s at a round trip of 50 ms. */
const READS_AHEAD = 32;

/** Reads `size` bytes of an open file, or to its end if that comes earlier. */
export async function* readAhead(sftp: SFTPWrapper, handle: Buffer, size: number): AsyncGenerator<Buffer> {
  const underWay: Promise<Buffer>[] = [];
  let asked = 0;
  for (;;) {
    while (underWay.length < READS_AHEAD && asked < size) {
      const chunk = readChunk(sftp, handle, asked, Math.min(CHUNK_BYTES, size - asked));
      // Once one has failed, nobody waits for the rest.
      chunk.catch(() => {});
      underWay.push(chunk);
      asked += CHUNK_BYTES;
    }
    const next = await underWay.shift();
    if (next === undefined) return;
    yield next;
  }
}

async function readChunk(
  sftp: SFTPWrapper,
  handle: Buffer,
  position: number,
  length: number,
): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const bytes = await readOnce(sftp, handle, chunk, filled, position + filled);
    if (bytes === 0) break;
    filled += bytes;
  }
  return chunk.subarray(0, filled);
}

/** Bytes read, which may be fewer than there is room for; 0 at the end of the file. */
function readOnce(
  sftp: SFTPWrapper,
  handle: Buffer,
  chunk: Buffer,
  offset: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    sftp.read(handle, chunk, offset, chunk.length - offset, position, (error, bytes) => {
      if (error === undefined || error === null) resolve(bytes);
      else reject(error);
    });
  });
}
