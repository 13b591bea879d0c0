/**
 * The cap on calls, shared out among processes. Each holds permits under a lease, and no more calls are
 * under way in it than it holds permits, so it need not ask before each. Those of a dead process stay
 * taken until its lease is over, by when Passmachine has done with its calls.
 *
 * | key     | type | holds                                              | size           | lives     |
 * |---------|------|----------------------------------------------------|----------------|-----------|
 * | permits | hash | process → permits, calls under way, wanted, lease end (ms) | ~80 B a process | the lease |
 */

import type { RedisConnection } from '../kit/redis.ts';
import { defineConfirmedScript, type Replicas } from '../kit/replicas.ts';
import { liveness } from './names.ts';

/** What a process tells of itself. */
export interface PermitDemand {
  /** Permits that it goes on holding whatever comes back: never fewer than calls under way. */
  keep: number;
  busy: number;
  /** How many calls it would have under way were there permits for all. */
  wanted: number;
}

export interface Permits {
  /**
   * Prolongs the lease. `allowed`: how many calls may be under way here from now on; `due`: how many once
   * the others have let go of what is above their share.
   */
  renew(demand: PermitDemand): Promise<{ allowed: number; due: number }>;
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

const renewScript = `
local permits, limits = unpack(KEYS)
local me, keep, busy, wanted, lease, most = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local cap = math.min(most, tonumber(redis.call('HGET', limits, 'maxInFlight') or most))
local held, wanting, wants = 0, {}, {}
if wanted > 0 then wanting[1] = me end
local all = redis.call('HGETALL', permits)
for i = 1, #all, 2 do
  local who = all[i]
  local has, wish, untilMs = all[i + 1]:match('^(%d+) %d+ (%d+) (%d+)$')
  if tonumber(untilMs) < now then
    redis.call('HDEL', permits, who)
  elseif who ~= me then
    held = held + has
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
return { math.min(holds, may), math.min(wanted, due) }`;

interface PermitsOptions {
  /** This process among all. */
  process: string;
  /** The configured cap; a lower one set by hand counts instead. */
  most: number;
  /** Those that have to know of a permit before it counts; absent for none. */
  replicas?: Replicas | undefined;
}

export function openPermits(redis: RedisConnection, prefix: string, options: PermitsOptions): Permits {
  const { process, most, replicas } = options;
  const key = `${prefix}:permits`;
  const renew = defineConfirmedScript(redis, replicas, 'renewPermits', renewScript);
  return {
    async renew({ keep, busy, wanted }) {
      const reply = await renew([key, `${prefix}:limits`], [process, keep, busy, wanted, LEASE_MS, most]);
      const [allowed, due] = reply as [number, number];
      return { allowed, due };
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
