/**
 * The causes of a campaign's failures: each record is filed under its cause, and how often the cause
 * struck is noted in the same script. Bounded: what comes after a campaign's hundredth cause is
 * filed under its code's others.
 */

import { type Cause, causeOf, codeOfCause, othersOf } from '../../domain/failures/cause.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

/** A cause with what stands under it now. */
export interface CauseFound {
  cause: Cause;
  /** Records under it. */
  count: number;
  /** When it struck first and last, ms. */
  firstAt: number;
  lastAt: number;
  /** How often it struck anew, in the last 24 hours (ms at their start) in which it did, oldest first. */
  perHour: readonly { hour: number; count: number }[];
}

export interface Causes {
  /** The causes of a campaign under which records stand. */
  of(campaign: string): Promise<CauseFound[]>;
}

/** Causes of a campaign that are told apart. */
const MOST_CAUSES = 100;
const HOURS = 24;
const HOUR_MS = 3_600_000;

/**
 * Defines `fileFailure` in a script. `failed` and `others`, as `cause` and `othersId`, are the two
 * places of which one is chosen.
 */
export const fileFailureLua = `
local function fileFailure(causes, failed, others, cause, othersId, pattern, now, field, record)
  local known = redis.call('HGET', causes, cause)
  if not known and redis.call('HLEN', causes) >= ${MOST_CAUSES} then
    failed, cause, pattern = others, othersId, '…'
    known = redis.call('HGET', causes, cause)
  end
  redis.call('HSET', failed, field, record)
  now = tonumber(now)
  local found = known and cjson.decode(known) or { pattern = pattern, firstAt = now, lastAt = now, hours = {} }
  local last = found.hours[#found.hours]
  if last and last[1] + ${HOUR_MS} > now then last[2] = last[2] + 1
  else
    table.insert(found.hours, { now - now % ${HOUR_MS}, 1 })
    if #found.hours > ${HOURS} then table.remove(found.hours, 1) end
  end
  found.lastAt = math.max(found.lastAt, now)
  redis.call('HSET', causes, cause, cjson.encode(found))
end`;

/** The keys and arguments of {@link fileFailureLua} for a failure, in its order. */
export function filingOf(keys: LedgerKeys, campaign: string, failure: Failure) {
  const cause = causeOf(failure);
  const others = othersOf(failure.code).id;
  return {
    keys: [keys.causes(campaign), keys.failed(campaign, cause.id), keys.failed(campaign, others)] as const,
    args: [cause.id, others, cause.pattern] as const,
  };
}

/** As {@link fileFailureLua} writes it. */
interface Noted {
  pattern: string;
  firstAt: number;
  lastAt: number;
  hours: [hour: number, count: number][];
}

export function makeCauses(redis: RedisConnection, keys: LedgerKeys): Causes {
  return {
    async of(campaign) {
      const noted = Object.entries(await redis.hgetall(keys.causes(campaign)));
      const counts = await Promise.all(noted.map(([id]) => redis.hlen(keys.failed(campaign, id))));
      return noted.flatMap(([id, text], index): CauseFound[] => {
        const count = counts[index] ?? 0;
        if (count === 0) return [];
        const { pattern, firstAt, lastAt, hours } = JSON.parse(text) as Noted;
        const perHour = hours.map(([hour, struck]) => ({ hour, count: struck }));
        return [{ cause: { id, code: codeOfCause(id), pattern }, count, firstAt, lastAt, perHour }];
      });
    },
  };
}
