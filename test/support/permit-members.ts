/** Processes that hold permits as the holder does, a step at a time. */

import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../../src/kit/redis/redis.ts';
import { openPermits } from '../../src/limiter/permits.ts';

export function makeMemberOf(redis: RedisConnection, prefix: string, most: number, perSecond?: number) {
  const configured = { maxInFlight: most, maxPerSecond: perSecond };
  return () => {
    const name = randomUUID();
    const permits = openPermits(redis, prefix, { process: name, configured });
    let [allowed, due, underWay] = [0, 0, 0];
    let starts: number | undefined;
    return {
      name,
      allowed: () => allowed,
      due: () => due,
      /** Those that the last answer gave. */
      starts: () => starts,
      underWay: () => underWay,
      busy: permits.busy,
      giveBack: permits.giveBack,
      begin: (calls: number) => void (underWay += calls),
      /** Keeps what it may use; nothing begins meanwhile. */
      async renew(wanted: number, begins = 0) {
        const demand = { keep: Math.max(underWay, allowed), busy: underWay, wanted: Math.min(wanted, most) };
        ({ allowed, due, starts } = await permits.renew({ ...demand, begins }));
      },
    };
  };
}
