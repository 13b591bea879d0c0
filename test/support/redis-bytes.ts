/** What Redis holds, byte for byte: names of keys, fields and values. */

import { keepers } from '../../src/kit/redis/redis-nodes.ts';
import type { RedisConnection } from '../../src/kit/redis/redis.ts';

/** The keys under a prefix in whose name or content one of the texts stands. */
export async function keysHolding(
  redis: RedisConnection,
  prefix: string,
  texts: readonly string[],
): Promise<string[]> {
  const holding: string[] = [];
  for (const keeper of keepers(redis)) {
    const found = keeper.scanStream({ match: `${prefix}*`, count: 1000 }) as AsyncIterable<string[]>;
    for await (const keys of found) {
      for (const key of keys) {
        const content = `${key}\n${await contentOf(redis, key)}`;
        holding.push(...texts.filter((text) => content.includes(text)).map((text) => `${key}: ${text}`));
      }
    }
  }
  return [...new Set(holding)];
}

async function contentOf(redis: RedisConnection, key: string): Promise<string> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, 0, '-1'));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    case 'none':
      return '';
    default:
      throw new Error(`${key} is a ${type}`);
  }
}
