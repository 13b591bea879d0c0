/** The outbox under test: time is that of Redis, so tests move its due times instead. */

import type { Redis } from 'ioredis';
import { serverTime } from '../../src/kit/redis/servers.ts';
import type { LedgerKeys } from '../../src/ledger/keys.ts';

/** Lets `ms` pass for the outbox: leases and delays end this much sooner. */
export async function passOutboxTime(redis: Redis, keys: LedgerKeys, ms: number): Promise<void> {
  await nextMillisecond(redis, keys);
  const ids = await redis.zrange(keys.outboxDue, 0, '-1');
  // XX: an entry that another process removes meanwhile must not come back.
  for (const id of ids) await redis.zadd(keys.outboxDue, 'XX', 'INCR', -ms, id);
}

/** A lease is known by its end: one taken in the same millisecond as one before the move would end when that one did. */
async function nextMillisecond(redis: Redis, { outboxDue }: LedgerKeys): Promise<void> {
  const began = Math.floor(await serverTime(redis, outboxDue));
  while (Math.floor(await serverTime(redis, outboxDue)) === began);
}

/** Returns the lease by which an entry is held now. */
export async function leaseOf(redis: Redis, keys: LedgerKeys, id: string): Promise<string> {
  return (await redis.zscore(keys.outboxDue, id)) ?? '';
}
