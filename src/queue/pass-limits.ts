/**
 * The two limits that hold over every worker of every process: the configured ones, or lower ones
 * set by hand, which survive restarts. The cap is kept by permits, within a quarter of a second of a
 * change; the rate by BullMQ, from the next job on that any worker takes.
 *
 * | key    | type | holds                                                 | size   | lives        |
 * |--------|------|-------------------------------------------------------|--------|--------------|
 * | limits | hash | `maxInFlight`, `maxPerSecond`, each where set by hand | ~100 B | until reset  |
 */

import { QueueKeys } from 'bullmq';
import type { LimitInForce, Limits, LimitsByHand, LimitsInForce } from '../job/limits.ts';
import { defineScript, type RedisConnection } from '../kit/redis.ts';
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
 * what is set by hand, so that nobody puts an older limit back over a newer one. BullMQ counts a job when
 * a worker takes it in hand: where a rate is limited, none may be taken ahead of its turn.
 */
const holdScript = `
local byHand = redis.call('HMGET', KEYS[1], 'maxInFlight', 'maxPerSecond')
local inFlight = math.min(ARGV[1], byHand[1] or ARGV[1])
local perSecond = math.min(ARGV[2], byHand[2] or ARGV[2])
local inHand = perSecond < tonumber(ARGV[3]) and inFlight or nil
local obeyed = redis.call('HMGET', KEYS[2], 'concurrency', 'max')
if (obeyed[1] and tonumber(obeyed[1]) or nil) == inHand and tonumber(obeyed[2]) == perSecond then return 0 end
redis.call('HSET', KEYS[2], 'max', perSecond, 'duration', 1000)
if inHand then redis.call('HSET', KEYS[2], 'concurrency', inHand) else redis.call('HDEL', KEYS[2], 'concurrency') end
return 1`;

/** Configure all processes alike: each has the queue obey its own configuration. */
export function openPassLimits(redis: RedisConnection, prefix: string, configured: Limits): PassLimits {
  const key = `${prefix}:limits`;
  const meta = new QueueKeys(prefix).toKey(queueNames.pass, 'meta');
  const holdNow = defineScript(redis, 'holdPassLimits', holdScript);

  const hold = async () => {
    const { maxInFlight, maxPerSecond = UNREACHABLE_RATE } = configured;
    return (await holdNow([key, meta], [maxInFlight, maxPerSecond, UNREACHABLE_RATE])) === 1;
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
      const [[inFlight, perSecond], rate] = await Promise.all([
        redis.hmget(key, 'maxInFlight', 'maxPerSecond'),
        redis.hget(meta, 'max'),
      ]);
      return {
        maxInFlight: limitInForce(configured.maxInFlight, inFlight, undefined),
        maxPerSecond: limitInForce(configured.maxPerSecond, perSecond, rate),
      };
    },
  };
}

type Field = string | null | undefined;

function limitInForce(configured: number | undefined, byHand: Field, obeyed: Field): LimitInForce {
  // Before any worker has started, the queue obeys nothing yet.
  const limit = Number(obeyed ?? Math.min(Number(byHand ?? Infinity), configured ?? UNREACHABLE_RATE));
  return {
    limit: limit < UNREACHABLE_RATE ? limit : undefined,
    configured,
    byHand: Number(byHand) === limit,
  };
}
