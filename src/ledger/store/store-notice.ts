/**
 * The notice of a restored store, and the campaigns that are held because of it. While it is open, campaigns that
 * could repeat something are held: those that exist, and new ones of programs that are not reconciled.
 */

import { type OpenNotice, repeatableActions, type RestoredNotice } from '../../domain/campaigns/restored.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { campaignStatusLua } from '../campaigns/campaign-status.ts';
import { DATA_VERSION } from '../data-version.ts';
import type { LedgerKeys } from '../keys.ts';

const NOTICE = 'restored';
const RECONCILED = 'reconciled:';

const repeatableLua = `
local repeatable = { ${repeatableActions.map((action) => `['${action}'] = true`).join(', ')} }`;

/** Lua function: the halt of a campaign with this order while the store counts as restored; nil if it may run. */
export const restoredHaltLua = `${repeatableLua}
local function restoredHalt(serials, order)
  local halt = redis.call('HGET', serials, '${NOTICE}')
  if not halt then return end
  local parsed = cjson.decode(order)
  if not repeatable[parsed.action] then return end
  if redis.call('HEXISTS', serials, '${RECONCILED}' .. parsed.program) == 1 then return end
  return halt
end`;

export interface StoreNotice {
  find(): Promise<OpenNotice | undefined>;
  /** Opens a notice in place of an earlier one; programs that were reconciled for that one are not any more. */
  open(notice: RestoredNotice): Promise<void>;
  /**
   * Holds campaigns that could repeat something, and returns how many of them were running or planned. Finished ones
   * are held as well, so that a retry of their failures waits.
   */
  hold(notice: RestoredNotice): Promise<number>;
  /** Records that a program's cards were reconciled, and lets retries of its finished campaigns run. */
  markReconciled(program: string, at: number): Promise<void>;
  close(): Promise<void>;
}

/** Returns 1 if the campaign was planned, or running and not finished; a finished one is stored as running. */
const holdScript = `${campaignStatusLua}${repeatableLua}
local status, order = unpack(redis.call('HMGET', KEYS[1], 'status', 'order'))
if (status ~= 'running' and status ~= 'planned') or not repeatable[cjson.decode(order).action] then return 0 end
local before = campaignStatus(KEYS[1])
redis.call('HSET', KEYS[1], 'status', 'held', 'halt', ARGV[1])
return (before == 'running' or before == 'planned') and 1 or 0`;

const releaseFinishedScript = `${campaignStatusLua}
local status, order, halt = unpack(redis.call('HMGET', KEYS[1], 'status', 'order', 'halt'))
if status ~= 'held' or not halt or campaignStatus(KEYS[1]) ~= 'finished' then return end
if cjson.decode(halt).kind ~= '${NOTICE}' or cjson.decode(order).program ~= ARGV[1] then return end
redis.call('HDEL', KEYS[1], 'halt')
redis.call('HSET', KEYS[1], 'status', 'running')`;

const closeScript = `
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if field == '${NOTICE}' or field:sub(1, ${RECONCILED.length}) == '${RECONCILED}' then redis.call('HDEL', KEYS[1], field) end
end
if ARGV[1] then redis.call('HSET', KEYS[1], '${NOTICE}', ARGV[1]) end`;

/** Campaigns that are read at once. */
const PAGE = 500;

export function makeStoreNotice(redis: RedisConnection, keys: LedgerKeys): StoreNotice {
  const serials = keys.campaignSerials;
  const hold = defineScript(redis, 'holdRestored', holdScript);
  const releaseFinished = defineScript(redis, 'releaseFinished', releaseFinishedScript);
  const close = defineScript(redis, 'closeStoreNotice', closeScript);

  /** Runs a script for every campaign, and returns the number of replies that are 1. */
  const forEachCampaign = async (run: (campaign: string) => Promise<unknown>): Promise<number> => {
    let count = 0;
    for (let first = 0; ; first += PAGE) {
      const ids = await redis.zrange(keys.campaigns, first, String(first + PAGE - 1));
      const replies = await Promise.all(ids.map((id) => run(keys.campaign(id))));
      count += replies.filter((reply) => reply === 1).length;
      if (ids.length < PAGE) return count;
    }
  };

  return {
    async find() {
      const text = await redis.hget(serials, NOTICE);
      if (text === null) return undefined;
      const fields = Object.entries(await scanReconciled(redis, serials));
      return {
        notice: JSON.parse(text) as RestoredNotice,
        reconciled: new Map(fields.map(([name, at]) => [name.slice(RECONCILED.length), Number(at)])),
      };
    },
    async open(notice) {
      // A store that lost everything has no version, and would look like one of an older release.
      await redis.setnx(keys.dataVersion, DATA_VERSION);
      await close([serials], [JSON.stringify(notice)]);
    },
    hold: (notice) => forEachCampaign((campaign) => hold([campaign], [JSON.stringify(notice)])),
    async markReconciled(program, at) {
      await redis.hset(serials, `${RECONCILED}${program}`, at);
      await forEachCampaign((campaign) => releaseFinished([campaign], [program]));
    },
    close: async () => void (await close([serials], [])),
  };
}

/** The hash has a field for each campaign, so it is read in steps. */
async function scanReconciled(redis: RedisConnection, key: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let cursor = '0';
  do {
    const [next, fields] = await redis.hscan(key, cursor, 'MATCH', `${RECONCILED}*`, 'COUNT', 1000);
    for (let i = 0; i < fields.length; i += 2) found[fields[i] ?? ''] = fields[i + 1] ?? '';
    cursor = next;
  } while (cursor !== '0');
  return found;
}
