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
import type { LimitInForce, Limits, LimitsByHand, LimitsInForce } from '../job/limits.ts';
import { defineScript } from '../kit/redis.ts';
import { queueNames } from './names.ts';

export interface PassLimits {
  /** Has the queue obey them; whether it obeyed none or others before. */
  hold(): Promise<boolean>;
  /** Sets at least one by hand, at once and until it is reset. Above the configured one it changes nothing. */
  set(byHand: LimitsByHand): Promise<void>;
  /** Back to the configured ones. */
  reset(): Promise<void>;
  /** What the queue obeys. */
  inForce(): Promise<LimitsInForce>;
}

/** Workers look at the 429 gate only where some rate is set, so "no limit" is a rate nobody reaches. */
const UNREACHABLE_RATE = 1_000_000;

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

/** Configure all processes alike: each has the queue obey its own configuration. */
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
      return {
        maxInFlight: limitInForce(configured.maxInFlight, byHand[0], obeyed[0]),
        maxPerSecond: limitInForce(configured.maxPerSecond, byHand[1], obeyed[1]),
      };
    },
  };
}

type Field = string | null | undefined;

function limitInForce(configured: number | undefined, byHand: Field, obeyed: Field): LimitInForce {
  // Before any worker has started, the queue obeys nothing yet.
  const limit = Number(obeyed ?? byHand ?? configured ?? UNREACHABLE_RATE);
  return {
    limit: limit < UNREACHABLE_RATE ? limit : undefined,
    configured,
    byHand: Number(byHand) === limit,
  };
}
