/**
 * The two limits that hold over every worker of every process: the configured ones, or lower ones
 * set by hand, which survive restarts. Both are kept by permits, within a quarter of a second of a change.
 *
 * | key    | type | holds                                                 | size   | lives        |
 * |--------|------|-------------------------------------------------------|--------|--------------|
 * | limits | hash | `maxInFlight`, `maxPerSecond`, each where set by hand | ~100 B | until reset  |
 */

import { QueueKeys } from 'bullmq';
import type { LimitInForce, Limits, LimitsByHand, LimitsInForce } from '../domain/campaigns/limits.ts';
import { defineScript, type RedisConnection } from '../kit/redis/redis.ts';
import { queueNames } from '../queue/names.ts';

export interface PassLimits {
  /** Has BullMQ obey the gate and limit nothing itself; whether it did otherwise before. */
  hold(): Promise<boolean>;
  /** Sets at least one by hand. Above the configured one it changes nothing. */
  set(byHand: LimitsByHand): Promise<void>;
  /** Back to the configured ones. */
  reset(): Promise<void>;
  inForce(): Promise<LimitsInForce>;
}

/**
 * BullMQ's workers look at the 429 gate only where some rate is set, so there is one that nobody reaches. A
 * limit of BullMQ's own would count entries, from the moment a worker takes them.
 */
const UNREACHABLE_RATE = 1_000_000;

/** Writes what BullMQ's setGlobalRateLimit writes, and no concurrency. */
const holdScript = `
local concurrency, max = unpack(redis.call('HMGET', KEYS[1], 'concurrency', 'max'))
if not concurrency and max == ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'concurrency')
redis.call('HSET', KEYS[1], 'max', ARGV[1], 'duration', 1000)
return 1`;

/** Configure all processes alike: each obeys its own configuration. */
export function openPassLimits(redis: RedisConnection, prefix: string, configured: Limits): PassLimits {
  const key = `${prefix}:limits`;
  const meta = new QueueKeys(prefix).toKey(queueNames.pass, 'meta');
  const holdNow = defineScript(redis, 'holdPassLimits', holdScript);

  return {
    hold: async () => (await holdNow([meta], [UNREACHABLE_RATE])) === 1,
    async set(byHand) {
      const given = Object.entries(byHand).filter(([, limit]) => limit !== undefined);
      await redis.hset(key, Object.fromEntries(given));
    },
    async reset() {
      await redis.del(key);
    },
    async inForce() {
      const [inFlight, perSecond] = await redis.hmget(key, 'maxInFlight', 'maxPerSecond');
      return {
        maxInFlight: limitInForce(configured.maxInFlight, inFlight),
        maxPerSecond: limitInForce(configured.maxPerSecond, perSecond),
      };
    },
  };
}

function limitInForce(configured: number | undefined, byHand: string | null | undefined): LimitInForce {
  const hand = Number(byHand ?? Infinity);
  const limit = Math.min(hand, configured ?? Infinity);
  return {
    limit: Number.isFinite(limit) ? limit : undefined,
    configured,
    byHand: hand === limit && Number.isFinite(hand),
  };
}
