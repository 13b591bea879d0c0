/** The outbox under test: time is that of Redis, so tests move its due times instead. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { LedgerKeys } from '../../src/ledger/keys.ts';

/** Lets `ms` pass for the outbox: leases and delays end this much sooner. */
export async function passOutboxTime(redis: Redis, keys: LedgerKeys, ms: number): Promise<void> {
  // A lease is known by its end: one taken in the same millisecond as one before the move would end when that one did.
  await sleep(2);
  const ids = await redis.zrange(keys.outboxDue, 0, '-1');
  // XX: an entry that another process removes meanwhile must not come back.
  for (const id of ids) await redis.zadd(keys.outboxDue, 'XX', 'INCR', -ms, id);
}

/** Returns the lease by which an entry is held now. */
export async function leaseOf(redis: Redis, keys: LedgerKeys, id: string): Promise<string> {
  return (await redis.zscore(keys.outboxDue, id)) ?? '';
}
