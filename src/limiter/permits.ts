/**
 * The limits on calls, shared out among processes. Each holds permits under a lease, and no more calls are
 * under way in it than it holds permits, so it need not ask before each. Those of a dead process stay
 * taken until its lease is over, by when Passmachine has done with its calls. Where calls per second are
 * limited, it is given starts as well, which count until the second is over.
 *
 * | key     | type   | holds                                                      | size            | lives      |
 * |---------|--------|------------------------------------------------------------|-----------------|------------|
 * | permits | hash   | process → permits, calls under way, wanted, lease end (ms) | ~80 B a process | the lease  |
 * | starts  | string | how many were given out in the current second              | ~60 B           | the second |
 */

import type { Limits } from '../domain/campaigns/limits.ts';
import type { RedisConnection } from '../kit/redis/redis.ts';
import { defineConfirmedScript, type Replicas } from '../kit/redis/replicas.ts';
import { liveness } from '../queue/names.ts';

/** What a process tells of itself. */
export interface PermitDemand {
  /** Permits that it goes on holding whatever comes back: never fewer than calls under way. */
  keep: number;
  busy: number;
  /** How many calls it would have under way were there permits for all. */
  wanted: number;
  /** How many of them have no start yet; matters where calls per second are limited. */
  begins: number;
}

/** What may be done until the next answer. */
export interface Permit {
  /** Calls under way at once. */
  allowed: number;
  /** How many once the others have let go of what is above their share. */
  due: number;
  /** Whether others want more than they have. */
  othersLack: boolean;
  /** Calls that may begin in the next `startsForMs`; undefined where calls per second are not limited. */
  starts?: number;
  /** Until the current second is over; with `starts`. */
  startsForMs?: number;
}

export interface Permits {
  /** Prolongs the lease. Its starts come on top of those that are still good. */
  renew(demand: PermitDemand): Promise<Permit>;
  /** Calls under way in all processes, as they last told. */
  busy(): Promise<number>;
  /** Lets go of all; nothing may be under way. */
  giveBack(): Promise<void>;
}

/** As long as a job's lock: see there. */
export const LEASE_MS = liveness.lockDuration;

/**
 * Where more want permits than there are for all, each has an equal share. What cannot be shared equally
 * goes round, so that with a single permit and two processes neither waits for ever.
 */
const GO_ROUND_MS = 2000;
const SECOND_MS = 1000;

const renewScript = `
local permits, limits, starts = unpack(KEYS)
local me, keep, busy, wanted, lease, most = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local limitsByHand = redis.call('HMGET', limits, 'maxInFlight', 'maxPerSecond')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local cap = math.min(most, tonumber(limitsByHand[1] or most))
local held, wanting, wants, lack = 0, {}, {}, 0
if wanted > 0 then wanting[1] = me end
local all = redis.call('HGETALL', permits)
for i = 1, #all, 2 do
  local who = all[i]
  local has, wish, untilMs = all[i + 1]:match('^(%d+) %d+ (%d+) (%d+)$')
  if tonumber(untilMs) < now then
    redis.call('HDEL', permits, who)
  elseif who ~= me then
    held = held + has
    if tonumber(wish) > tonumber(has) then lack = 1 end
    if wish ~= '0' then
      wanting[#wanting + 1] = who
      wants[who] = tonumber(wish)
    end
  end
end
table.sort(wanting)
local due, round = cap, math.floor(now / ${GO_ROUND_MS})
for i, who in ipairs(wanting) do
  local share = math.floor(cap / #wanting)
  if (i + round) % #wanting < cap % #wanting then share = share + 1 end
  if who ~= me then due = due - math.min(wants[who], share) end
end
local may = math.max(0, math.min(due, cap - held))
local holds = math.max(keep, math.min(wanted, may))
redis.call('HSET', permits, me, string.format('%d %s %d %.0f', holds, busy, wanted, now + lease))
redis.call('PEXPIRE', permits, lease)
local answer = { math.min(holds, may), math.min(wanted, due), lack }
local perSecond = math.min(tonumber(ARGV[7]) or math.huge, tonumber(limitsByHand[2] or '') or math.huge)
if perSecond == math.huge then return answer end
local left = perSecond - (redis.call('GET', starts) or 0)
local given = math.min(tonumber(ARGV[8]), math.max(0, math.ceil(left / math.max(1, #wanting))))
if given > 0 and redis.call('INCRBY', starts, given) == given then redis.call('PEXPIRE', starts, ${SECOND_MS}) end
answer[4] = given
answer[5] = math.max(0, redis.call('PTTL', starts))
return answer`;

interface PermitsOptions {
  /** This process among all. */
  process: string;
  /** The configured limits; lower ones set by hand count instead. */
  configured: Limits;
  /** Those that have to know of a permit before it counts; absent for none. */
  replicas?: Replicas | undefined;
}

export function openPermits(redis: RedisConnection, prefix: string, options: PermitsOptions): Permits {
  const { process, configured, replicas } = options;
  const { maxInFlight, maxPerSecond = '' } = configured;
  const key = `${prefix}:permits`;
  const keys = [key, `${prefix}:limits`, `${prefix}:starts`];
  const renew = defineConfirmedScript(redis, replicas, 'renewPermits', renewScript);
  return {
    async renew({ keep, busy, wanted, begins }) {
      const limits = [maxInFlight, maxPerSecond];
      const reply = await renew(keys, [process, keep, busy, wanted, LEASE_MS, ...limits, begins]);
      const [allowed, due, lack, starts, startsForMs] = reply as [number, number, number, number?, number?];
      return {
        allowed,
        due,
        othersLack: lack === 1,
        ...(starts !== undefined && { starts }),
        ...(startsForMs !== undefined && { startsForMs }),
      };
    },
    async busy() {
      const told = await redis.hvals(key);
      return told.reduce((sum, one) => sum + Number(one.split(' ')[1]), 0);
    },
    async giveBack() {
      await redis.hdel(key, process);
    },
  };
}
