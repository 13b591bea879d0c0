/** A write that tests whether Redis stores anything: one that is full or read-only still answers every read. */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

/** Any time does: the content is never read. */
const KEPT_MS = 10_000;

/** Returns a function that rejects with Redis' reason if it stores nothing. */
export function makeWriteProbe(redis: RedisConnection, keys: LedgerKeys): () => Promise<void> {
  return async () => {
    await redis.set(keys.writeProbe, '', 'PX', KEPT_MS);
  };
}
