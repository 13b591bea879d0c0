/** The facts about campaigns: what was ordered, how far the source was read, what the rows came to. */

import type { Redis } from 'ioredis';
import type { Campaign, CampaignOrder } from '../job/campaign.ts';
import { failureKinds, type Failure, type FailureCode, type FailureCount } from '../job/failure.ts';
import type { SkipReason } from '../job/outcome.ts';
import { defineScript } from '../kit/redis.ts';
import { type FailedRecord, type FailedRow, rowOf } from '../job/failed.ts';
import { failureGuardLua } from './failure-guard.ts';
import { readCampaign } from './campaign-record.ts';
import type { LedgerKeys } from './keys.ts';

/** A row that ends where it is read: nobody is called for it. */
export interface RowAtDoor {
  row: number;
  end: { state: 'skipped'; reason: SkipReason } | { state: 'rejected'; failure: Failure };
}

export interface FeedPosition {
  /** The last row that was read. */
  row: number;
  /** Jobs that were made of the rows so far. */
  people: number;
}

export interface CampaignLedger {
  create(order: CampaignOrder): Promise<void>;
  find(id: string): Promise<Campaign | undefined>;
  /** Newest first. */
  list(limit?: number): Promise<Campaign[]>;
  /**
   * Counts the rows up to `upTo` in, and settles those among them that end at the door. Repeating
   * it changes nothing.
   */
  accept(id: string, upTo: number, atDoor: readonly RowAtDoor[], now: number): Promise<void>;
  /** How far the source is known to be queued; reading goes on behind it. */
  position(id: string): Promise<FeedPosition>;
  markQueued(id: string, position: FeedPosition): Promise<void>;
  /** The first row that has no final state; one behind the last where all have. */
  firstOpenRow(id: string): Promise<number>;
  /** The canary needs no more looking at. */
  markCanaryPassed(id: string): Promise<void>;
  /** All rows of the source were counted. */
  markCounted(id: string, rows: number): Promise<void>;
  /** Every row of the source was read. */
  markFed(id: string): Promise<void>;
  /** Failures by cause, most frequent first. */
  failures(id: string): Promise<FailureCount[]>;
}

const acceptScript = `${failureGuardLua}
local campaign, settled = KEYS[1], KEYS[2]
local upTo, now = tonumber(ARGV[1]), ARGV[2]
local failures = 0
if upTo > tonumber(redis.call('HGET', campaign, 'rows')) then redis.call('HSET', campaign, 'rows', upTo) end
for i = 3, #ARGV, 4 do
  if redis.call('SETBIT', settled, ARGV[i], 1) == 0 then
    redis.call('HINCRBY', campaign, ARGV[i + 1], 1)
    local key = KEYS[tonumber(ARGV[i + 3])]
    if ARGV[i + 1] == 'skipped' then
      redis.call('SETBIT', key, ARGV[i], 1)
      redis.call('HINCRBY', campaign, 'skipped:' .. ARGV[i + 2], 1)
    else
      redis.call('HSET', key, ARGV[i], ARGV[i + 2])
      failures = failures + 1
    end
  end
end
if failures > 0 then guardFailures(campaign, now) end`;

/** What scripts have to look at of an order, as the fields and values that {@link createCampaignLua} takes. */
export function fieldsForScripts({ guards, importAbove, expected }: CampaignOrder): (string | number)[] {
  return Object.entries({ pauseAt: guards?.pauseAt, importAbove, expected }).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
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
local function createCampaign(campaign, campaigns, lastSerial, id, order, createdAt, ...)
  if redis.call('EXISTS', campaign) == 1 then return end
  local serial = redis.call('INCR', lastSerial)
  redis.call('HSET', campaign, 'order', order, 'status', 'running', 'rows', 0, 'queued', 0, 'serial', serial)
  if select('#', ...) > 0 then redis.call('HSET', campaign, ...) end
  redis.call('ZADD', campaigns, createdAt, id)
end`;

const createScript = `${createCampaignLua}
createCampaign(KEYS[1], KEYS[2], KEYS[3], unpack(ARGV))`;

/** Rows that are named for each cause. */
const EXAMPLES = 3;

const codes = Object.keys(failureKinds) as FailureCode[];

export function makeCampaignLedger(redis: Redis, keys: LedgerKeys): CampaignLedger {
  const create = defineScript(redis, 'createCampaign', createScript);
  const accept = defineScript(redis, 'acceptRows', acceptScript);
  const firstOpenRow = defineScript(redis, 'firstOpenRow', firstOpenRowScript);

  const find = async (id: string): Promise<Campaign | undefined> => {
    const replies = await redis.multi().hgetall(keys.campaign(id)).hlen(keys.parked(id)).exec();
    const [fields, parked] = (replies ?? []).map(([, reply]) => reply) as [Record<string, string>, number];
    return readCampaign(fields, parked);
  };

  return {
    find,
    async create(order) {
      await create(
        [keys.campaign(order.id), keys.campaigns, keys.campaignSerial],
        [order.id, JSON.stringify(order), order.createdAt, ...fieldsForScripts(order)],
      );
    },
    async list(limit = 50) {
      const ids = await redis.zrevrange(keys.campaigns, 0, limit - 1);
      const found = await Promise.all(ids.map(find));
      return found.filter((campaign) => campaign !== undefined);
    },
    async accept(id, upTo, atDoor, now) {
      const whereTo = atDoor.map(({ end }) =>
        end.state === 'rejected' ? keys.failed(id, end.failure.code) : keys.skipped(id, end.reason),
      );
      const scriptKeys = [keys.campaign(id), keys.settled(id), ...new Set(whereTo)];
      const args = atDoor.flatMap(({ row, end }, index) => {
        const key = scriptKeys.indexOf(whereTo[index] ?? '') + 1;
        if (end.state === 'skipped') return [row, end.state, end.reason, key];
        const record: FailedRow = { row, failure: end.failure, at: now };
        return [row, end.state, JSON.stringify(record), key];
      });
      await accept(scriptKeys, [upTo, now, ...args]);
    },
    async position(id) {
      const [row, people] = await redis.hmget(keys.campaign(id), 'queued', 'people');
      return { row: Number(row ?? 0), people: Number(people ?? 0) };
    },
    async markQueued(id, { row, people }) {
      await redis.hset(keys.campaign(id), 'queued', row, 'people', people);
    },
    firstOpenRow: async (id) => Number(await firstOpenRow([keys.settled(id)], [])),
    async markCanaryPassed(id) {
      await redis.hset(keys.campaign(id), 'canary', 'passed');
    },
    async markCounted(id, rows) {
      await redis.hset(keys.campaign(id), 'expected', rows);
    },
    async markFed(id) {
      await redis.hset(keys.campaign(id), 'fed', 1);
    },
    async failures(id) {
      const counts = await Promise.all(
        codes.map(async (code) => ({ code, count: await redis.hlen(keys.failed(id, code)) })),
      );
      const struck = counts.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
      return Promise.all(
        struck.map(async ({ code, count }) => ({ code, count, examples: await examples(id, code) })),
      );
    },
  };

  async function examples(id: string, code: FailureCode): Promise<FailureCount['examples']> {
    const reply = await redis.hrandfield(keys.failed(id, code), EXAMPLES, 'WITHVALUES');
    // Field, value, field, value, …
    const values = ((reply ?? []) as string[]).filter((_, index) => index % 2 === 1);
    return values
      .map((value) => JSON.parse(value) as FailedRecord)
      .map((record) => ({ row: rowOf(record), detail: record.failure.detail }))
      .toSorted((a, b) => a.row - b.row);
  }
}
