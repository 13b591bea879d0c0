/**
 * What receipts hold of single customers is taken away: what was quoted of failures that were left out, and
 * what was typed for nobody but them. That it was done, by whom and to how many, stays.
 */

import type { BulkActionOrder, LeftOut } from '../../domain/failures/bulk-action.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

/** Of these jobs, on every receipt. Returns how many notes there were. The customer is kept from being queued before. */
export type EraseFromBulkActions = (jobs: ReadonlySet<string>) => Promise<number>;

const replaceLeftOutScript = `
local at = redis.call('LPOS', KEYS[1], ARGV[1])
if not at then return 0 end
redis.call('LSET', KEYS[1], at, ARGV[2])
return 1`;

const replaceActScript = `
if redis.call('HGET', KEYS[1], 'act') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'act', ARGV[2])
return 1`;

export function makeEraseFromBulkActions(redis: RedisConnection, keys: LedgerKeys): EraseFromBulkActions {
  const replaceLeftOut = defineScript(redis, 'replaceLeftOut', replaceLeftOutScript);
  const replaceAct = defineScript(redis, 'replaceAct', replaceActScript);

  const eraseLeftOut = async (bulkAction: string, jobs: ReadonlySet<string>): Promise<number> => {
    let erased = 0;
    for (const text of await redis.lrange(keys.leftOut(bulkAction), 0, -1)) {
      const { detail, ...rest } = JSON.parse(text) as LeftOut;
      if (detail === undefined || rest.job === undefined || !jobs.has(rest.job)) continue;
      erased += Number(await replaceLeftOut([keys.leftOut(bulkAction)], [text, JSON.stringify(rest)]));
    }
    return erased;
  };

  const eraseTyped = async (bulkAction: string, jobs: ReadonlySet<string>): Promise<number> => {
    const text = await redis.hget(keys.bulkAction(bulkAction), 'act');
    if (text === null) return 0;
    const bare = JSON.stringify(withoutTyped(JSON.parse(text) as BulkActionOrder, jobs));
    return bare === text ? 0 : Number(await replaceAct([keys.bulkAction(bulkAction)], [text, bare]));
  };

  return async (jobs) => {
    let erased = 0;
    for (const bulkAction of await redis.zrange(keys.bulkActions, 0, '-1')) {
      erased += await eraseLeftOut(bulkAction, jobs);
      erased += await eraseTyped(bulkAction, jobs);
    }
    return erased;
  };
}

/** The act without its reason and typed values, where it was about these jobs alone; otherwise as it is. */
function withoutTyped(act: BulkActionOrder, jobs: ReadonlySet<string>): BulkActionOrder {
  const picked = act.filter.jobs ?? [];
  if (picked.length === 0 || !picked.every(({ job }) => jobs.has(job))) return act;
  const { rule } = act;
  if (rule === undefined || !('values' in rule)) return { ...act, reason: '' };
  const names = Object.keys(rule.values).map((name) => [name, null]);
  return { ...act, reason: '', rule: { values: Object.fromEntries(names) } };
}
