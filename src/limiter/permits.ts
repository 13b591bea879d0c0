/**
 * Divides the limits on calls among the processes, in Redis. Each process holds permits under a lease and never
 * has more calls in flight than permits. The permits of a dead process stay taken until its lease expires, by
 * which time Passmachine has finished its calls. With a per-second limit, processes also receive rate tokens,
 * valid until the end of the current second.
 *
 * | key         | type   | content                                                 | size             | lifetime   |
 * |-------------|--------|---------------------------------------------------------|------------------|------------|
 * | permits     | hash   | process → permits, calls in flight, wanted, lease end ms | ~80 B a process | the lease  |
 * | rate-tokens | string | rate tokens handed out in the current second            | ~60 B            | the second |
 */

import type { Limits } from '../domain/campaigns/limits.ts';
import type { RedisConnection } from '../kit/redis/redis.ts';
import { makeLimiterKeys } from './limiter-keys.ts';
import { defineReplicatedScript, type ReplicationOptions } from '../kit/redis/replicated-script.ts';

/** What a process reports with each renewal. */
export interface PermitDemand {
  /** Permits the process keeps whatever the answer is; never fewer than its calls in flight. */
  keep: number;
  inFlight: number;
  /** Calls it would have in flight with unlimited permits. */
  wanted: number;
  /** How many of the wanted calls lack a rate token; ignored without a per-second limit. */
  tokensNeeded: number;
}

/** What a process may do until its next renewal. */
export interface PermitGrant {
  /** Maximum number of calls in flight. */
  permits: number;
  /** Permits it will get once other processes have given up what exceeds their share. */
  due: number;
  /** Whether another process wants more permits than it has. */
  othersWaiting: boolean;
  /** Rate tokens, in addition to unexpired earlier ones; absent without a per-second limit. */
  rateTokens?: number;
  /** Milliseconds until the current second ends; present with `rateTokens`. */
  tokensForMs?: number;
}

export interface Permits {
  readonly leaseMs: number;
  /** Renews the lease and divides the permits again. */
  renew(demand: PermitDemand): Promise<PermitGrant>;
  /** Returns the calls in flight in all processes, as of their last renewals. */
  inFlight(): Promise<number>;
  /** Releases all permits of this process. It must have no call in flight. */
  release(): Promise<void>;
}

/**
 * If processes want more permits than there are, each gets an equal share. The remainder of the division rotates
 * at this interval, so that with one permit and two processes neither waits forever.
 */
const ROTATE_MS = 2000;

/**
 * KEYS: permits, limits set by hand, rate tokens.
 * ARGV: process, keep, in flight, wanted, lease ms, max in flight, max per second ('' for no limit), tokens needed.
 * Returns permits, due, others waiting (1 or 0) and, with a per-second limit, rate tokens and their lifetime in ms.
 */
const renewScript = `
local permitsKey, limitsKey, tokensKey = unpack(KEYS)
local process, keep, inFlight, wanted = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local leaseMs, maxInFlight, maxPerSecond = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local tokensNeeded = tonumber(ARGV[8])
local byHand = redis.call('HMGET', limitsKey, 'maxInFlight', 'maxPerSecond')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local cap = math.min(maxInFlight, tonumber(byHand[1] or maxInFlight))

local heldByOthers, claimants, wantedBy, othersWaiting = 0, {}, {}, 0
if wanted > 0 then claimants[1] = process end
local all = redis.call('HGETALL', permitsKey)
for i = 1, #all, 2 do
  local other = all[i]
  local otherHolds, otherWants, leaseEnd = all[i + 1]:match('^(%d+) %d+ (%d+) (%d+)$')
  if tonumber(leaseEnd) < now then
    redis.call('HDEL', permitsKey, other)
  elseif other ~= process then
    heldByOthers = heldByOthers + otherHolds
    if tonumber(otherWants) > tonumber(otherHolds) then othersWaiting = 1 end
    if otherWants ~= '0' then
      claimants[#claimants + 1] = other
      wantedBy[other] = tonumber(otherWants)
    end
  end
end

table.sort(claimants)
local due, rotation = cap, math.floor(now / ${ROTATE_MS})
for i, claimant in ipairs(claimants) do
  local share = math.floor(cap / #claimants)
  if (i + rotation) % #claimants < cap % #claimants then share = share + 1 end
  if claimant ~= process then due = due - math.min(wantedBy[claimant], share) end
end
local available = math.max(0, math.min(due, cap - heldByOthers))
local held = math.max(keep, math.min(wanted, available))
redis.call('HSET', permitsKey, process, string.format('%d %s %d %.0f', held, inFlight, wanted, now + leaseMs))
redis.call('PEXPIRE', permitsKey, leaseMs)
local grant = { math.min(held, available), math.min(wanted, due), othersWaiting }

local perSecond = math.min(maxPerSecond or math.huge, tonumber(byHand[2] or '') or math.huge)
if perSecond == math.huge then return grant end
local left = perSecond - (redis.call('GET', tokensKey) or 0)
local tokens = math.min(tokensNeeded, math.max(0, math.ceil(left / math.max(1, #claimants))))
if tokens > 0 and redis.call('INCRBY', tokensKey, tokens) == tokens then redis.call('PEXPIRE', tokensKey, 1000) end
grant[4] = tokens
grant[5] = math.max(0, redis.call('PTTL', tokensKey))
return grant`;

interface PermitsOptions {
  /** Unique id of this process. */
  process: string;
  /** Must outlast the longest call. */
  leaseMs: number;
  /** The configured limits; lower limits set by hand take precedence. */
  configured: Limits;
  /** Replicas that must acknowledge a grant before it counts; absent for none. */
  replicas?: ReplicationOptions | undefined;
}

export function openPermits(redis: RedisConnection, prefix: string, options: PermitsOptions): Permits {
  const { process, leaseMs, configured, replicas } = options;
  const { maxInFlight, maxPerSecond = '' } = configured;
  const { permits: key, limits: byHand, rateTokens: tokens } = makeLimiterKeys(prefix);
  const keys = [key, byHand, tokens];
  const renew = defineReplicatedScript(redis, replicas, 'renewPermits', renewScript);
  return {
    leaseMs,
    async renew({ keep, inFlight, wanted, tokensNeeded }) {
      const limits = [maxInFlight, maxPerSecond];
      const reply = await renew(keys, [process, keep, inFlight, wanted, leaseMs, ...limits, tokensNeeded]);
      const [permits, due, waiting, rateTokens, tokensForMs] = reply as [
        number,
        number,
        number,
        number?,
        number?,
      ];
      return {
        permits,
        due,
        othersWaiting: waiting === 1,
        ...(rateTokens !== undefined && { rateTokens }),
        ...(tokensForMs !== undefined && { tokensForMs }),
      };
    },
    async inFlight() {
      const reports = await redis.hvals(key);
      return reports.reduce((sum, report) => sum + Number(report.split(' ')[1]), 0);
    },
    async release() {
      await redis.hdel(key, process);
    },
  };
}
