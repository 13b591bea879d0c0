/** Processes that hold permits as the holder does, a step at a time. */

import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../../src/kit/redis.ts';
import { openPermits } from '../../src/queue/permits.ts';

export function makeMemberOf(redis: RedisConnection, prefix: string, most: number) {
  return () => {
    const name = randomUUID();
    const permits = openPermits(redis, prefix, { process: name, most });
    let [allowed, due, underWay] = [0, 0, 0];
    return {
      name,
      allowed: () => allowed,
      due: () => due,
      underWay: () => underWay,
      busy: permits.busy,
      giveBack: permits.giveBack,
      begin: (calls: number) => void (underWay += calls),
      /** Keeps what it may use; nothing begins meanwhile. */
      async renew(wanted: number) {
        const keep = Math.max(underWay, allowed);
        ({ allowed, due } = await permits.renew({ keep, busy: underWay, wanted: Math.min(wanted, most) }));
      },
    };
  };
}
