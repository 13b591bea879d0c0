/**
 * Downloads a consistent snapshot of a Redis server over the wire, as `redis-cli --rdb` does: it asks for a full
 * synchronization as a replica would. https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
 */

import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Redis } from 'ioredis';

/** Redis does not hand out a snapshot; the message is its reply. */
export class SnapshotRefused extends Error {}

export interface RdbDownload {
  /** Bytes of the snapshot. */
  size: number;
  /** Throws if the connection ends early. Ends the connection after the last byte. */
  chunks: AsyncIterable<Buffer>;
}

/** Redis sends a line feed every 10 s while it writes the snapshot. */
const SILENCE_MS = 60_000;

/** Starts the download from the server that a connection talks to: of sentinels, the current master. */
export async function downloadRdb(redis: Redis): Promise<RdbDownload> {
  await redis.ping();
  const { username, password } = redis.options;
  const socket = openSocket(redis);
  socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error(`Redis sent nothing for ${SILENCE_MS} ms`)));
  try {
    const input = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const read = async (): Promise<Buffer> => {
      const { done, value } = await input.next();
      if (done === true) throw new Error('Redis closed the connection');
      return value;
    };
    const lines = makeLineParser(read);
    if (password !== undefined && password !== null) {
      socket.write(command('AUTH', ...(username ? [username] : []), password));
      expectNoError(await lines.next());
    }
    // Without the capability `eof`, Redis announces the size.
    socket.write(command('SYNC'));
    const header = await lines.next();
    expectNoError(header);
    const size = Number(/^\$(\d+)$/.exec(header)?.[1] ?? Number.NaN);
    if (Number.isNaN(size)) throw new SnapshotRefused(header);
    return { size, chunks: body(socket, { size, first: lines.rest(), read }) };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function openSocket({ options, stream }: Redis): Socket {
  const { path, tls } = options;
  if (path) return connectTcp(path);
  // With sentinels the options have no address of the master.
  const { remoteAddress: host = '127.0.0.1', remotePort: port = 6379 } = stream;
  if (tls === undefined) return connectTcp({ host, port });
  const servername = options.host === undefined ? {} : { servername: options.host };
  return connectTls({ ...servername, ...tls, host, port });
}

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

function expectNoError(line: string): void {
  if (line.startsWith('-')) throw new SnapshotRefused(line.slice(1));
}

/** Reads lines; empty ones keep the connection alive. `rest`: what was read behind the last line. */
function makeLineParser(read: () => Promise<Buffer>) {
  let rest = Buffer.alloc(0);
  return {
    rest: () => rest,
    async next(): Promise<string> {
      for (;;) {
        const end = rest.indexOf('\n');
        if (end < 0) {
          rest = Buffer.concat([rest, await read()]);
          continue;
        }
        const line = rest.subarray(0, end).toString().trim();
        rest = rest.subarray(end + 1);
        if (line !== '') return line;
      }
    },
  };
}

async function* body(
  socket: Socket,
  { size, first, read }: { size: number; first: Buffer; read: () => Promise<Buffer> },
): AsyncGenerator<Buffer> {
  try {
    let left = size;
    for (let chunk = first; ; chunk = await read()) {
      // Behind the snapshot Redis sends the writes made since.
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (part.length > 0) yield part;
      if (left === 0) return;
    }
  } finally {
    socket.destroy();
    if (!socket.closed) await once(socket, 'close').catch(() => {});
  }
}
