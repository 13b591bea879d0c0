/** Processes that hold permits as the call limiter does, renewed step by step by the test. */

import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../../src/kit/redis/redis.ts';
import { openPermits } from '../../src/limiter/permits.ts';
import { liveness } from '../../src/queue/names.ts';

export function makeMemberOf(
  redis: RedisConnection,
  prefix: string,
  maxInFlight: number,
  maxPerSecond?: number,
) {
  const configured = { maxInFlight, maxPerSecond };
  return () => {
    const name = randomUUID();
    const permits = openPermits(redis, prefix, {
      process: name,
      leaseMs: liveness.lockDuration,
      configured,
    });
    let [held, due, inFlight] = [0, 0, 0];
    let rateTokens: number | undefined;
    return {
      name,
      held: () => held,
      due: () => due,
      /** The tokens of the last grant. */
      rateTokens: () => rateTokens,
      inFlight: () => inFlight,
      inFlightOfAll: permits.inFlight,
      release: permits.release,
      /** Starts calls, or ends them with a negative number. */
      addCalls: (calls: number) => void (inFlight += calls),
      /** Keeps all permits it holds; starts no call meanwhile. */
      async renew(wanted: number, tokensNeeded = 0) {
        const keep = Math.max(inFlight, held);
        const demand = { keep, inFlight, wanted: Math.min(wanted, maxInFlight), tokensNeeded };
        ({ permits: held, due, rateTokens } = await permits.renew(demand));
      },
    };
  };
}
