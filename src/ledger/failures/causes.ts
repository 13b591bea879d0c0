/**
 * Causes of a campaign's failures. Each failed record is filed under its cause, and the same script counts the
 * occurrence. The number of causes is bounded: after the first 100, new causes are filed under the overflow
 * cause of their code.
 */

import { type Cause, causeOf, codeOfCause, overflowCause } from '../../domain/failures/cause.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

/** A cause with the records filed under it now. */
export interface CauseCount {
  cause: Cause;
  /** Number of records. */
  count: number;
  /** First and last occurrence, ms. */
  firstAt: number;
  lastAt: number;
  /** Occurrences in the last 24 hours that had any, oldest first; `hour`: its start, ms. */
  perHour: readonly { hour: number; count: number }[];
}

/** The second cards of a campaign that operators have not dealt with. */
export interface SecondCards {
  campaign: string;
  count: number;
  /** When the campaign's first one was found, ms. */
  since: number;
}

export interface Causes {
  /** The causes of a campaign that have records. */
  of(campaign: string): Promise<CauseCount[]>;
  /** One command if there are none, as there should be. */
  secondCards(): Promise<SecondCards[]>;
}

/** Distinct causes of a campaign. */
const MAX_CAUSES = 100;
const MAX_HOURS = 24;
const HOUR_MS = 3_600_000;

/**
 * Lua function `fileFailure`: stores a record under its cause, or under the overflow cause, and counts it.
 * {@link filingOf} makes its keys and arguments.
 */
export const fileFailureLua = `
local function fileFailure(causes, failed, overflow, cause, overflowId, pattern, now, field, record)
  local known = redis.call('HGET', causes, cause)
  if not known and redis.call('HLEN', causes) >= ${MAX_CAUSES} then
    failed, cause, pattern = overflow, overflowId, '…'
    known = redis.call('HGET', causes, cause)
  end
  redis.call('HSET', failed, field, record)
  now = tonumber(now)
  local counts = known and cjson.decode(known) or { pattern = pattern, firstAt = now, lastAt = now, hours = {} }
  local last = counts.hours[#counts.hours]
  if last and last[1] + ${HOUR_MS} > now then last[2] = last[2] + 1
  else
    table.insert(counts.hours, { now - now % ${HOUR_MS}, 1 })
    if #counts.hours > ${MAX_HOURS} then table.remove(counts.hours, 1) end
  end
  counts.lastAt = math.max(counts.lastAt, now)
  redis.call('HSET', causes, cause, cjson.encode(counts))
end`;

/** Returns the keys (`causes`, `failed`, `overflow`) and arguments (`cause`, `overflowId`, `pattern`) of {@link fileFailureLua}. */
export function filingOf(keys: LedgerKeys, campaign: string, failure: Failure) {
  const cause = causeOf(failure);
  const overflow = overflowCause(failure.code).id;
  return {
    keys: [keys.causes(campaign), keys.failed(campaign, cause.id), keys.failed(campaign, overflow)] as const,
    args: [cause.id, overflow, cause.pattern] as const,
  };
}

/** As {@link fileFailureLua} stores it. */
interface StoredCounts {
  pattern: string;
  firstAt: number;
  lastAt: number;
  hours: [hour: number, count: number][];
}

export function makeCauses(redis: RedisConnection, keys: LedgerKeys): Causes {
  const causesOf = async (campaign: string): Promise<CauseCount[]> => {
    const stored = Object.entries(await redis.hgetall(keys.causes(campaign)));
    const counts = await Promise.all(stored.map(([id]) => redis.hlen(keys.failed(campaign, id))));
    return stored.flatMap(([id, text], index): CauseCount[] => {
      const count = counts[index] ?? 0;
      if (count === 0) return [];
      const { pattern, firstAt, lastAt, hours } = JSON.parse(text) as StoredCounts;
      const perHour = hours.map(([hour, occurrences]) => ({ hour, count: occurrences }));
      return [{ cause: { id, code: codeOfCause(id), pattern }, count, firstAt, lastAt, perHour }];
    });
  };

  return {
    of: causesOf,
    async secondCards() {
      const campaigns = (await redis.smembers(keys.secondCards)).toSorted();
      const found = await Promise.all(
        campaigns.map(async (campaign) => {
          const causes = (await causesOf(campaign)).filter(({ cause }) => cause.code === 'PM_SECOND_CARD');
          const count = causes.reduce((sum, one) => sum + one.count, 0);
          return { campaign, count, since: Math.min(...causes.map(({ firstAt }) => firstAt)) };
        }),
      );
      return found.filter(({ count }) => count > 0);
    },
  };
}
