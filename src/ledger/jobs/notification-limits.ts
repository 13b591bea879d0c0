/** When each card rang its phone lately, so that nobody is rung more often than a campaign allows. */

import { NOTIFICATION_WINDOW_MS, type NotificationLimit } from '../../domain/campaigns/guards.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface NotificationLimits {
  /**
   * Milliseconds until the card of this job may ring again; 0 where it may now. Certain while the
   * job is claimed: a card has one call out at a time.
   */
  waitFor(job: PassJob, limit: NotificationLimit, now: number): Promise<number>;
}

/** Rings of a card that are kept; no sensible limit allows more. */
const KEPT = 20;

/** Takes down a ring at `now`; a fragment for scripts. Newest first. */
export const recordNotificationLua = `
local function noteRing(rings, now)
  redis.call('LPUSH', rings, now)
  redis.call('LTRIM', rings, 0, ${KEPT - 1})
  redis.call('PEXPIRE', rings, ${NOTIFICATION_WINDOW_MS})
end`;

export function makeNotificationLimits(redis: RedisConnection, keys: LedgerKeys): NotificationLimits {
  return {
    async waitFor(job, { most }, now) {
      // With `most` rings in the window, the oldest of them has to leave it first.
      const oldest = await redis.lindex(keys.rings(job), most - 1);
      return oldest === null ? 0 : Math.max(0, Number(oldest) + NOTIFICATION_WINDOW_MS - now);
    },
  };
}
