/** The facts about campaigns: what was ordered, how far the source was read, what the rows came to. */

import type { Campaign, CampaignOrder } from '../../domain/campaigns/campaign.ts';
import type { FailureCount } from '../../domain/failures/failure.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { makeAcceptRows, type FilteredRow } from '../jobs/accept-rows.ts';
import { readCampaign } from './campaign-record.ts';
import { makeFailureCounts } from '../failures/failure-counts.ts';
import type { LedgerKeys } from '../keys.ts';

export interface FeedPosition {
  /** The last row that was read. */
  row: number;
  /** Jobs that were made of the rows so far. */
  people: number;
}

export interface CampaignLedger {
  create(order: CampaignOrder): Promise<void>;
  find(id: string): Promise<Campaign | undefined>;
  /** Ids of the newest thousand, newest first. */
  ids(): Promise<string[]>;
  /** Ids of all there ever were, oldest first; before a time (ms) of their start, where it is given. */
  allIds(before?: number): Promise<string[]>;
  /** Newest first; `offset` of them are left out. */
  list(limit?: number, offset?: number): Promise<Campaign[]>;
  /**
   * Counts the rows up to `upTo` in, and settles those among them that end at the door. Repeating
   * it changes nothing.
   */
  accept(id: string, upTo: number, atDoor: readonly FilteredRow[], now: number): Promise<void>;
  /** How far the source is known to be queued; reading goes on behind it. */
  position(id: string): Promise<FeedPosition>;
  /** False where it is known to be queued up to somewhere else than `from`. */
  markQueued(id: string, position: FeedPosition, from: FeedPosition): Promise<boolean>;
  /** The first row that has no final state; one behind the last where all have. */
  firstOpenRow(id: string): Promise<number>;
  /** The canary needs no more looking at. */
  markCanaryPassed(id: string): Promise<void>;
  /** From now on it goes by this version of its program. */
  useProgram(id: string, version: string): Promise<void>;
  /** All rows of the source were counted. */
  markCounted(id: string, rows: number): Promise<void>;
  /** Every row of the source was read; false where it is known to be queued up to somewhere else than `row`. */
  markFed(id: string, row: number): Promise<boolean>;
  /** Failures by code, most frequent first, and by name where they are equally frequent. */
  failures(id: string): Promise<FailureCount[]>;
}

/** What scripts have to look at of an order, as the fields and values that {@link createCampaignLua} takes. */
export function fieldsForScripts(order: CampaignOrder): (string | number)[] {
  const { guards, importAbove, expected, programVersion } = order;
  return Object.entries({ pauseAt: guards?.pauseAt, importAbove, expected, programVersion }).flatMap(
    ([name, value]) => (value === undefined ? [] : [name, value]),
  );
}

/** Byte by byte, as Redis before 7 searches; the first byte holds bit 0, which is no row. */
const firstOpenRowScript = `
for row = 1, 7 do
  if redis.call('GETBIT', KEYS[1], row) == 0 then return row end
end
return math.max(redis.call('BITPOS', KEYS[1], 0, 1), 8)`;

/** Makes a campaign unless there is one of that id; a fragment for scripts. Fields and values may follow. */
export const createCampaignLua = `
local function createCampaign(campaign, campaigns, serials, id, order, createdAt, ...)
  if redis.call('EXISTS', campaign) == 1 then return end
  local serial = redis.call('HINCRBY', serials, 'last', 1)
  redis.call('HSET', serials, serial, id)
  redis.call('HSET', campaign, 'order', order, 'status', 'running', 'rows', 0, 'queued', 0, 'serial', serial)
  if select('#', ...) > 0 then redis.call('HSET', campaign, ...) end
  redis.call('ZADD', campaigns, createdAt, id)
end`;

const createScript = `${createCampaignLua}
createCampaign(KEYS[1], KEYS[2], KEYS[3], unpack(ARGV))`;

/** Sets fields only where the source is queued up to where somebody remembers: Redis may have gone back in time. */
const setAtScript = `
if redis.call('HGET', KEYS[1], 'queued') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 1`;

/** Older ones are looked at by their name only. */
const MOST_LOOKED_AT = 1000;

export function makeCampaignLedger(redis: RedisConnection, keys: LedgerKeys): CampaignLedger {
  const create = defineScript(redis, 'createCampaign', createScript);
  const firstOpenRow = defineScript(redis, 'firstOpenRow', firstOpenRowScript);
  const setAt = defineScript(redis, 'setAtPosition', setAtScript);

  const find = async (id: string): Promise<Campaign | undefined> => {
    const replies = await redis.multi().hgetall(keys.campaign(id)).hlen(keys.parked(id)).exec();
    const [fields, parked] = (replies ?? []).map(([, reply]) => reply) as [Record<string, string>, number];
    return readCampaign(fields, parked);
  };

  const newest = (limit: number, offset = 0) => redis.zrevrange(keys.campaigns, offset, offset + limit - 1);

  return {
    find,
    async create(order) {
      await create(
        [keys.campaign(order.id), keys.campaigns, keys.campaignSerials],
        [order.id, JSON.stringify(order), order.createdAt, ...fieldsForScripts(order)],
      );
    },
    ids: () => newest(MOST_LOOKED_AT),
    allIds: (before) => redis.zrangebyscore(keys.campaigns, '-inf', before ?? '+inf'),
    async list(limit = 50, offset = 0) {
      const found = await Promise.all((await newest(limit, offset)).map(find));
      return found.filter((campaign) => campaign !== undefined);
    },
    accept: makeAcceptRows(redis, keys),
    async position(id) {
      const [row, people] = await redis.hmget(keys.campaign(id), 'queued', 'people');
      return { row: Number(row ?? 0), people: Number(people ?? 0) };
    },
    async markQueued(id, { row, people }, from) {
      return (await setAt([keys.campaign(id)], [from.row, 'queued', row, 'people', people])) === 1;
    },
    firstOpenRow: async (id) => Number(await firstOpenRow([keys.settled(id)], [])),
    async markCanaryPassed(id) {
      await redis.hset(keys.campaign(id), 'canary', 'passed');
    },
    async useProgram(id, version) {
      await redis.hset(keys.campaign(id), 'programVersion', version);
    },
    async markCounted(id, rows) {
      await redis.hset(keys.campaign(id), 'expected', rows);
    },
    async markFed(id, row) {
      return (await setAt([keys.campaign(id)], [row, 'fed', 1])) === 1;
    },
    failures: makeFailureCounts(redis, keys),
  };
}
