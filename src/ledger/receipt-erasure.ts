/** What receipts say of single failures that were left out may quote their customers: it is taken away. */

import type { RedisConnection } from '../kit/redis.ts';
import type { LeftOut } from '../job/bulk-act.ts';
import { defineScript } from '../kit/redis.ts';
import type { LedgerKeys } from './keys.ts';

/** Of these jobs, on every receipt; that they were left out, and why, stays. Returns how many there were. */
export type EraseLeftOut = (jobs: ReadonlySet<string>) => Promise<number>;

const replaceScript = `
local at = redis.call('LPOS', KEYS[1], ARGV[1])
if not at then return 0 end
redis.call('LSET', KEYS[1], at, ARGV[2])
return 1`;

export function makeEraseLeftOut(redis: RedisConnection, keys: LedgerKeys): EraseLeftOut {
  const replace = defineScript(redis, 'replaceLeftOut', replaceScript);
  return async (jobs) => {
    let erased = 0;
    for (const receipt of await redis.zrange(keys.receipts, 0, '-1')) {
      for (const text of await redis.lrange(keys.leftOut(receipt), 0, -1)) {
        const { detail, ...rest } = JSON.parse(text) as LeftOut;
        if (detail === undefined || rest.job === undefined || !jobs.has(rest.job)) continue;
        erased += Number(await replace([keys.leftOut(receipt)], [text, JSON.stringify(rest)]));
      }
    }
    return erased;
  };
}
