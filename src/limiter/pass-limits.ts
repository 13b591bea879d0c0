/**
 * The limits on calls to Passmachine, over all workers of all processes: the configured ones, or lower ones that
 * an operator has set by hand, which survive restarts. A change takes effect with the next renewal of permits,
 * within 250 ms.
 *
 * | key    | type | content                                              | size   | lifetime    |
 * |--------|------|------------------------------------------------------|--------|-------------|
 * | limits | hash | `maxInFlight`, `maxPerSecond`, each if set by hand   | ~100 B | until reset |
 */

import type { EffectiveLimit, EffectiveLimits, LimitOverrides, Limits } from '../domain/campaigns/limits.ts';
import type { RedisConnection } from '../kit/redis/redis.ts';
import { makeLimiterKeys } from './limiter-keys.ts';

export interface PassLimits {
  /** Sets one or both limits by hand. A value above the configured limit has no effect. */
  set(overrides: LimitOverrides): Promise<void>;
  /** Returns to the configured limits. */
  reset(): Promise<void>;
  effective(): Promise<EffectiveLimits>;
}

/** Every process applies its own configuration, so all processes should be configured alike. */
export function openPassLimits(redis: RedisConnection, prefix: string, configured: Limits): PassLimits {
  const key = makeLimiterKeys(prefix).limits;

  return {
    async set(overrides) {
      const given = Object.entries(overrides).filter(([, limit]) => limit !== undefined);
      await redis.hset(key, Object.fromEntries(given));
    },
    async reset() {
      await redis.del(key);
    },
    async effective() {
      const [inFlight, perSecond] = await redis.hmget(key, 'maxInFlight', 'maxPerSecond');
      return {
        maxInFlight: effectiveLimit(configured.maxInFlight, inFlight),
        maxPerSecond: effectiveLimit(configured.maxPerSecond, perSecond),
      };
    },
  };
}

function effectiveLimit(configured: number | undefined, override: string | null | undefined): EffectiveLimit {
  const byHand = Number(override ?? Infinity);
  const limit = Math.min(byHand, configured ?? Infinity);
  return {
    limit: Number.isFinite(limit) ? limit : undefined,
    configured,
    overridden: byHand === limit && Number.isFinite(byHand),
  };
}
