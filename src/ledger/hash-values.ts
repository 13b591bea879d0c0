/** Reads the values of Redis hashes, which hold JSON, without their fields. */

import type { RedisConnection } from '../kit/redis/redis.ts';

/** Redis returns field, value, field, value, … */
function valuesOf(flat: readonly string[]): string[] {
  return flat.filter((_, index) => index % 2 === 1);
}

/** Reads a page of values from `cursor`: about `count`, or all of a small hash. `next` is '0' after the last page. */
export async function scanHash(
  redis: RedisConnection,
  key: string,
  cursor: string,
  count: number,
): Promise<{ values: string[]; next: string }> {
  const [next, flat] = await redis.hscan(key, cursor, 'COUNT', count);
  return { values: valuesOf(flat), next };
}

/** Reads all values, parsed, in pages and in no order. One may come twice; one added or removed meanwhile may be missed. */
export async function* hashPages<T>(
  redis: RedisConnection,
  key: string,
  pageSize: number,
): AsyncGenerator<T[]> {
  let cursor = '0';
  do {
    const { values, next } = await scanHash(redis, key, cursor, pageSize);
    cursor = next;
    yield values.map((text) => JSON.parse(text) as T);
  } while (cursor !== '0');
}

/** Reads up to `count` random values, parsed. */
export async function sampleHash<T>(redis: RedisConnection, key: string, count: number): Promise<T[]> {
  const flat = (await redis.hrandfield(key, count, 'WITHVALUES')) ?? [];
  return valuesOf(flat as string[]).map((text) => JSON.parse(text) as T);
}
