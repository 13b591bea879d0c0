/** Times of each card's recent notifications, to enforce a campaign's notification limit. */

import {
  MAX_NOTIFICATION_LIMIT,
  NOTIFICATION_WINDOW_MS,
  type NotificationLimit,
} from '../../domain/campaigns/safeguards/notification-limit.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface NotificationLimits {
  /**
   * Milliseconds until the limit allows another notification of this job's card; 0 if it does now. Exact while the
   * job is claimed, because a card has at most one call in flight.
   */
  waitFor(job: PassJob, limit: NotificationLimit, now: number): Promise<number>;
  /** Erases a card's history; returns 0 if there was none. */
  erase(passId: string): Promise<number>;
}

/** Lua function: records a notification at `now`; the list is newest first. */
export const recordNotificationLua = `
local function recordNotification(notifications, now)
  redis.call('LPUSH', notifications, now)
  redis.call('LTRIM', notifications, 0, ${MAX_NOTIFICATION_LIMIT - 1})
  redis.call('PEXPIRE', notifications, ${NOTIFICATION_WINDOW_MS})
end`;

export function makeNotificationLimits(redis: RedisConnection, keys: LedgerKeys): NotificationLimits {
  return {
    async waitFor(job, { max }, now) {
      // With `max` notifications in the window, the oldest of them must leave it first.
      const oldest = await redis.lindex(keys.notifications(job), max - 1);
      return oldest === null ? 0 : Math.max(0, Number(oldest) + NOTIFICATION_WINDOW_MS - now);
    },
    erase: (passId) => redis.del(keys.notificationsOfCard(passId)),
  };
}
