/** Searches Redis for texts, in the names of keys and in their content. */

import { masterNodes } from '../../src/kit/redis/servers.ts';
import type { RedisConnection } from '../../src/kit/redis/redis.ts';

/** Returns `key: text` for every key under a prefix whose name or content contains one of the texts. */
export async function keysContaining(
  redis: RedisConnection,
  prefix: string,
  texts: readonly string[],
): Promise<string[]> {
  const matches: string[] = [];
  for (const node of masterNodes(redis)) {
    const found = node.scanStream({ match: `${prefix}*`, count: 1000 }) as AsyncIterable<string[]>;
    for await (const keys of found) {
      for (const key of keys) {
        const content = `${key}\n${await contentOf(redis, key)}`;
        matches.push(...texts.filter((text) => content.includes(text)).map((text) => `${key}: ${text}`));
      }
    }
  }
  return [...new Set(matches)];
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
