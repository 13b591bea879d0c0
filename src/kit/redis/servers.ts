/** The servers behind a connection, and facts that each of them reports for itself. */

import { Cluster, type Redis } from 'ioredis';
import type { RedisConnection } from './redis.ts';

/** Returns every server that holds keys: the masters of a Cluster, or the single server. */
export function masterNodes(redis: RedisConnection): Redis[] {
  return redis instanceof Cluster ? redis.nodes('master') : [redis];
}

/** Returns the time of the server that holds this key, ms since 1970 with fractions. */
export async function serverTime(redis: RedisConnection, key: string): Promise<number> {
  const reply = redis instanceof Cluster ? lastReply(redis.pipeline().exists(key).time()) : redis.time();
  const [seconds, microseconds] = (await reply) as [string, string];
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
}

/** Returns the memory in bytes that the server holding this key has used and may use; no limit is undefined. */
export async function redisMemory(
  redis: RedisConnection,
  key: string,
): Promise<{ used: number; limit: number | undefined }> {
  const info = parseInfo((await lastReply(redis.pipeline().exists(key).info('memory'))) as string);
  const limit = Number(info.get('maxmemory') ?? 0);
  return { used: Number(info.get('used_memory') ?? 0), limit: limit === 0 ? undefined : limit };
}

/** Parses the reply of `INFO` into `name → value`. */
export function parseInfo(text: string): Map<string, string> {
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );
}

/** Routes commands without a key: a pipeline goes as a whole to the server of its first key. */
async function lastReply(pipeline: ReturnType<Redis['pipeline']>): Promise<unknown> {
  const [error, reply] = (await pipeline.exec())?.at(-1) ?? [];
  if (error) throw error;
  return reply;
}
