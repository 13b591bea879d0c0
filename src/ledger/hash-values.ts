/** Reads JSON values of Redis hashes without their fields. */

import type { RedisConnection } from '../kit/redis/redis.ts';

/** Redis returns field, value, field, value, … */
function valuesOf<T>(flat: readonly string[]): T[] {
  return flat.filter((_, index) => index % 2 === 1).map((text) => JSON.parse(text) as T);
}

/** Reads one page from `cursor`; about `count` values, and all at once of a small hash. `next` is '0' after the last page. */
export async function scanHash<T>(
  redis: RedisConnection,
  key: string,
  cursor: string,
  count: number,
): Promise<{ values: T[]; next: string }> {
  const [next, flat] = await redis.hscan(key, cursor, 'COUNT', count);
  return { values: valuesOf(flat), next };
}

/** Reads all values in pages and in no order. A value may come twice; one added or removed meanwhile may be missed. */
export async function* hashPages<T>(
  redis: RedisConnection,
  key: string,
  pageSize: number,
): AsyncGenerator<T[]> {
  let cursor = '0';
  do {
    const { values, next } = await scanHash<T>(redis, key, cursor, pageSize);
    cursor = next;
    yield values;
  } while (cursor !== '0');
}

/** Reads up to `count` random values. */
export async function sampleHash<T>(redis: RedisConnection, key: string, count: number): Promise<T[]> {
  return valuesOf(((await redis.hrandfield(key, count, 'WITHVALUES')) ?? []) as string[]);
}
