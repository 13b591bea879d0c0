/** When each card rang its phone lately, so that nobody is rung more often than a campaign allows. */

import { RING_WINDOW_MS, type RingLimit } from '../../domain/campaigns/guards.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Rings {
  /**
   * Milliseconds until the card of this job may ring again; 0 where it may now. Certain while the
   * job is claimed: a card has one call out at a time.
   */
  waitFor(job: PassJob, limit: RingLimit, now: number): Promise<number>;
}

/** Rings of a card that are kept; no sensible limit allows more. */
const KEPT = 20;

/** Takes down a ring at `now`; a fragment for scripts. Newest first. */
export const noteRingLua = `
local function noteRing(rings, now)
  redis.call('LPUSH', rings, now)
  redis.call('LTRIM', rings, 0, ${KEPT - 1})
  redis.call('PEXPIRE', rings, ${RING_WINDOW_MS})
end`;

export function makeRings(redis: RedisConnection, keys: LedgerKeys): Rings {
  return {
    async waitFor(job, { most }, now) {
      // With `most` rings in the window, the oldest of them has to leave it first.
      const oldest = await redis.lindex(keys.rings(job), most - 1);
      return oldest === null ? 0 : Math.max(0, Number(oldest) + RING_WINDOW_MS - now);
    },
  };
}
