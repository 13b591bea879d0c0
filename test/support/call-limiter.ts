/** A call limiter over the permits in Redis, for consumers started by tests. */

import { randomUUID } from 'node:crypto';
import type { Limits } from '../../src/domain/campaigns/limits.ts';
import { monotonicClock } from '../../src/kit/clock.ts';
import type { RedisConnection } from '../../src/kit/redis/redis.ts';
import { startCallLimiter } from '../../src/limiter/call-limiter.ts';
import { openPermits } from '../../src/limiter/permits.ts';
import { liveness } from '../../src/queue/names.ts';
import { silent } from './make.ts';

export function startTestLimiter(redis: RedisConnection, prefix: string, configured: Limits) {
  return startCallLimiter({
    permits: openPermits(redis, prefix, {
      process: randomUUID(),
      leaseMs: liveness.lockDuration,
      configured,
    }),
    maxInFlight: configured.maxInFlight,
    callTimeoutMs: 10_000,
    clock: monotonicClock,
    log: silent,
  });
}
