/**
 * The two limits that hold over every worker of every process: the configured ones, or lower ones
 * set by hand, which survive restarts. A change is in force for the next job that any worker takes.
 *
 * | key    | type | holds                                                 | size   | lives        |
 * |--------|------|-------------------------------------------------------|--------|--------------|
 * | limits | hash | `maxInFlight`, `maxPerSecond`, each where set by hand | ~100 B | until reset  |
 */

import { QueueKeys } from 'bullmq';
import type { Redis } from 'ioredis';
import { defineScript } from '../kit/redis.ts';
import { queueNames } from './names.ts';

export interface Limits {
  /** Calls under way at once. */
  maxInFlight: number;
  /** Calls started per second; undefined: no limit. */
  maxPerSecond?: number | undefined;
}

export interface LimitInForce {
  /** Undefined: no limit. */
  limit: number | undefined;
  /** What it is where nobody sets it by hand. */
  configured: number | undefined;
  byHand: boolean;
}

export interface PassLimits {
  /** Has the queue obey them; whether it did not, or obeyed others. */
  hold(): Promise<boolean>;
  /** Sets the given ones by hand, now and for good; those above the configured ones change nothing. */
  set(byHand: Partial<Limits>): Promise<void>;
  /** Back to the configured ones. */
  reset(): Promise<void>;
  /** What the queue obeys. */
  inForce(): Promise<Record<keyof Limits, LimitInForce>>;
}

/** Workers look at the 429 gate only where some rate is set, so "no limit" is a rate nobody reaches. */
export const UNREACHABLE_RATE = 1_000_000;

/**
 * Writes what BullMQ's setGlobalConcurrency and setGlobalRateLimit write. In one step with reading
 * what is set by hand, so that nobody puts an older limit back over a newer one.
 */
const holdScript = `
local byHand = redis.call('HMGET', KEYS[1], 'maxInFlight', 'maxPerSecond')
local inFlight = math.min(ARGV[1], byHand[1] or ARGV[1])
local perSecond = math.min(ARGV[2], byHand[2] or ARGV[2])
local obeyed = redis.call('HMGET', KEYS[2], 'concurrency', 'max')
if tonumber(obeyed[1]) == inFlight and tonumber(obeyed[2]) == perSecond then return 0 end
redis.call('HSET', KEYS[2], 'concurrency', inFlight, 'max', perSecond, 'duration', 1000)
return 1`;

/** `configured` is the same for all processes: each that starts has the queue obey its own. */
export function openPassLimits(redis: Redis, prefix: string, configured: Limits): PassLimits {
  const key = `${prefix}:limits`;
  const meta = new QueueKeys(prefix).toKey(queueNames.pass, 'meta');
  const holdNow = defineScript(redis, 'holdPassLimits', holdScript);

  const hold = async () => {
    const { maxInFlight, maxPerSecond = UNREACHABLE_RATE } = configured;
    return (await holdNow([key, meta], [maxInFlight, maxPerSecond])) === 1;
  };

  return {
    hold,
    async set(byHand) {
      const given = Object.entries(byHand).filter(([, limit]) => limit !== undefined);
      await redis.hset(key, Object.fromEntries(given));
      await hold();
    },
    async reset() {
      await redis.del(key);
      await hold();
    },
    async inForce() {
      const [byHand, obeyed] = await Promise.all([
        redis.hmget(key, 'maxInFlight', 'maxPerSecond'),
        redis.hmget(meta, 'concurrency', 'max'),
      ]);
      const describe = (at: 0 | 1, name: keyof Limits): LimitInForce => {
        const [set, now] = [byHand[at] ?? undefined, obeyed[at] ?? undefined];
        const limit = now ?? set ?? configured[name];
        return {
          limit: Number(limit) < UNREACHABLE_RATE ? Number(limit) : undefined,
          configured: configured[name],
          byHand: set !== undefined && set === limit,
        };
      };
      return { maxInFlight: describe(0, 'maxInFlight'), maxPerSecond: describe(1, 'maxPerSecond') };
    },
  };
}
