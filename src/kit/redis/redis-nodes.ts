/** Questions that each server of a Cluster would answer for itself, put to the right one. */

import { Cluster, type Redis } from 'ioredis';
import type { RedisConnection } from './redis.ts';

/** Every server that holds keys: the masters of a Cluster, or the one that there is. */
export function keepers(redis: RedisConnection): Redis[] {
  return redis instanceof Cluster ? redis.nodes('master') : [redis];
}

/** The time in whole seconds by the server that keeps this key: one clock for all processes. */
export async function redisSeconds(redis: RedisConnection, key: string): Promise<number> {
  const [seconds] = (await replyOf(redis.pipeline().exists(key).time())) as [string];
  return Number(seconds);
}

/** What the server that keeps this key tells of its memory. */
export async function memoryInfo(redis: RedisConnection, key: string): Promise<string> {
  return (await replyOf(redis.pipeline().exists(key).info('memory'))) as string;
}

/** A pipeline goes to the server of its first key, whole; the reply is that of its last command. */
async function replyOf(pipeline: ReturnType<Redis['pipeline']>): Promise<unknown> {
  const [error, reply] = (await pipeline.exec())?.at(-1) ?? [];
  if (error) throw error;
  return reply;
}
