/**
 * Commands to Redis that are given in the same turn of the event loop leave in one write: a write is a
 * system call, which costs more than all else about a command.
 */

import type { Redis } from 'ioredis';

/** From the next time on that it connects. Nothing else about the connection changes. */
export function writeTogether(redis: Redis): void {
  redis.on('connect', () => {
    const { stream } = redis;
    const write = stream.write.bind(stream);
    const microBatch = (...chunk: Parameters<typeof write>) => {
      if (stream.writableCorked === 0) {
        stream.cork();
        setImmediate(() => stream.uncork());
      }
      return write(...chunk);
    };
    stream.write = microBatch as typeof stream.write;
  });
}
