/** Stores campaigns: their orders, feed positions and row counters. */

import type { Campaign, CampaignOrder } from '../../domain/campaigns/campaign.ts';
import type { FailureCount } from '../../domain/failures/failure.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { makeAcceptRows, type FilteredRow } from './accept-rows.ts';
import { readCampaign } from './campaign-record.ts';
import { type FeedProblems, makeFeedProblems } from './feed-problems.ts';
import { makeOpenCampaigns, type OpenCampaigns } from './open-campaigns.ts';
import { makeFailureCounts } from '../failures/failure-index.ts';
import { nextOrderLua } from '../jobs/card-changes.ts';
import type { LedgerKeys } from '../keys.ts';
import { restoredHaltLua } from '../store/store-notice.ts';
import { takeArguments, type TakeFile, takeFileLua } from './taken-files.ts';

export interface FeedPosition {
  /** Number of the last row read. */
  row: number;
  /** Jobs made from the rows up to it. */
  jobs: number;
}

/** `taken`: another campaign has taken the file, and nothing was created. */
export type CampaignCreation = { kind: 'created' | 'exists' } | { kind: 'taken'; by: string };

export interface CampaignLedger extends OpenCampaigns, FeedProblems {
  /** Creates a campaign and takes its file in one step. An existing campaign of that id stays as it is. */
  create(order: CampaignOrder, take?: TakeFile): Promise<CampaignCreation>;
  find(id: string): Promise<Campaign | undefined>;
  /** Ids of all campaigns, newest first, in pages. */
  idPages(): AsyncIterable<string[]>;
  /** Ids of all campaigns, oldest first; with `before` (ms), only of those created up to then. */
  allIds(before?: number): Promise<string[]>;
  /** All campaigns, oldest first, in pages. */
  pages(): AsyncIterable<Campaign[]>;
  /** Newest first, starting behind the first `offset`. */
  list(limit?: number, offset?: number): Promise<Campaign[]>;
  /** Counts the rows up to `upTo` and settles the filtered ones among them. Idempotent. */
  accept(id: string, upTo: number, filtered: readonly FilteredRow[], now: number): Promise<void>;
  /** Position up to which all rows are queued; the feeder continues after it. */
  position(id: string): Promise<FeedPosition>;
  /** Advances the position; false if it is not `from` any more. */
  markQueued(id: string, position: FeedPosition, from: FeedPosition): Promise<boolean>;
  /** Number of the first row without a final state; one past the last row if all are settled. */
  firstOpenRow(id: string): Promise<number>;
  /** Records when the source was opened, as the order of its data among the changes of a card. The first time counts. */
  markOpened(id: string): Promise<void>;
  markCanaryPassed(id: string): Promise<void>;
  /** Makes the campaign use this version of its program from now on. */
  useProgram(id: string, version: string): Promise<void>;
  /** Stores the number of rows in the source. */
  markCounted(id: string, rows: number): Promise<void>;
  /** Marks the source as read to its end; false if the position is not `row` any more. */
  markFed(id: string, row: number): Promise<boolean>;
  /** Failures by code, most frequent first, then alphabetically. */
  failures(id: string): Promise<FailureCount[]>;
}

/** Returns the parts of an order that scripts read, as the fields and values that {@link createCampaignLua} takes. */
export function fieldsForScripts(order: CampaignOrder): (string | number)[] {
  const { guards, importAbove, expected, programVersion, startAt } = order;
  return Object.entries({ pauseAt: guards?.pauseAt, importAbove, expected, programVersion, startAt }).flatMap(
    ([name, value]) => (value === undefined ? [] : [name, value]),
  );
}

/** BITPOS searches whole bytes before Redis 7. Rows 1 to 7 are in the first byte, whose bit 0 is no row. */
const firstOpenRowScript = `
for row = 1, 7 do
  if redis.call('GETBIT', KEYS[1], row) == 0 then return row end
end
return math.max(redis.call('BITPOS', KEYS[1], 0, 1), 8)`;

/**
 * Lua function: creates a campaign unless its id exists. Further fields and values may follow the arguments. In a
 * restored store it is created as held if it could repeat something, see `store-notice.ts`.
 */
export const createCampaignLua = `${restoredHaltLua}
local function createCampaign(campaign, campaigns, open, serials, id, order, createdAt, ...)
  if redis.call('EXISTS', campaign) == 1 then return end
  local serial = redis.call('HINCRBY', serials, 'last', 1)
  redis.call('HSET', serials, serial, id)
  redis.call('HSET', campaign, 'order', order, 'status', 'running', 'rows', 0, 'queued', 0, 'serial', serial)
  if select('#', ...) > 0 then redis.call('HSET', campaign, ...) end
  if redis.call('HEXISTS', campaign, 'startAt') == 1 then redis.call('HSET', campaign, 'status', 'planned') end
  local halt = restoredHalt(serials, order)
  if halt then redis.call('HSET', campaign, 'status', 'held', 'halt', halt) end
  redis.call('ZADD', campaigns, createdAt, id)
  redis.call('SADD', open, id)
end`;

const createScript = `${createCampaignLua}${takeFileLua}
local campaign, campaigns, open, serials, taken = unpack(KEYS)
local id, fileKey, modifiedAt, again, order, createdAt = unpack(ARGV)
if redis.call('EXISTS', campaign) == 1 then return { 'exists' } end
local other = takeFile(taken, id, fileKey, modifiedAt, again)
if other then return { 'taken', other } end
createCampaign(campaign, campaigns, open, serials, id, order, createdAt, unpack(ARGV, 7))
return { 'created' }`;

/** KEYS: campaign, the last order. */
const openedScript = `${nextOrderLua}
if redis.call('HEXISTS', KEYS[1], 'opened') == 0 then redis.call('HSET', KEYS[1], 'opened', nextOrder(KEYS[2], 1)) end`;

/** Sets fields only if the position is the expected one: after a failover Redis may have lost the latest writes. */
const setAtScript = `
if redis.call('HGET', KEYS[1], 'queued') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 1`;

/** Campaigns read concurrently; the size of a page. */
const FIND_STEP = 200;

/** A script and not a transaction, because a full Redis refuses even transactions that only read. */
const readScript = `
local fields = redis.call('HGETALL', KEYS[1])
return { redis.call('HLEN', KEYS[2]), unpack(fields) }`;

function* inSteps(ids: readonly string[]): Generator<string[]> {
  for (let start = 0; start < ids.length; start += FIND_STEP) yield ids.slice(start, start + FIND_STEP);
}

export function makeCampaignLedger(redis: RedisConnection, keys: LedgerKeys): CampaignLedger {
  const readFields = defineScript(redis, 'readCampaign', readScript);
  const create = defineScript(redis, 'createCampaign', createScript);
  const markOpened = defineScript(redis, 'markSourceOpened', openedScript);
  const firstOpenRow = defineScript(redis, 'firstOpenRow', firstOpenRowScript);
  const setAt = defineScript(redis, 'setAtPosition', setAtScript);

  const find = async (id: string): Promise<Campaign | undefined> => {
    const reply = await readFields([keys.campaign(id), keys.parked(id)], []);
    const [parked, ...flat] = reply as [number, ...string[]];
    const pairs = Array.from({ length: flat.length / 2 }, (_, n) => [flat[2 * n], flat[2 * n + 1]]);
    return readCampaign(Object.fromEntries(pairs) as Record<string, string>, parked);
  };

  /** In steps: with thousands of campaigns, one turn of the event loop would write too many commands. */
  const findAll = async (ids: readonly string[]): Promise<Campaign[]> => {
    const all: Campaign[] = [];
    for (const step of inSteps(ids)) {
      const found = await Promise.all(step.map(find));
      all.push(...found.filter((campaign) => campaign !== undefined));
    }
    return all;
  };

  const newest = (limit: number, offset = 0) => redis.zrevrange(keys.campaigns, offset, offset + limit - 1);

  return {
    find,
    async create(order, take) {
      const { taken, args } = takeArguments(keys, take);
      const reply = await create(
        [keys.campaign(order.id), keys.campaigns, keys.openCampaigns, keys.campaignSerials, taken],
        [order.id, ...args, JSON.stringify(order), order.createdAt, ...fieldsForScripts(order)],
      );
      const [kind, by = ''] = reply as ['created' | 'exists' | 'taken', string?];
      return kind === 'taken' ? { kind, by } : { kind };
    },
    async *idPages() {
      yield* inSteps(await redis.zrevrange(keys.campaigns, 0, '-1'));
    },
    allIds: (before) => redis.zrangebyscore(keys.campaigns, '-inf', before ?? '+inf'),
    async *pages() {
      for (const step of inSteps(await redis.zrange(keys.campaigns, 0, '-1'))) yield await findAll(step);
    },
    list: async (limit = 50, offset = 0) => findAll(await newest(limit, offset)),
    ...makeOpenCampaigns(redis, keys, findAll),
    ...makeFeedProblems(redis, keys),
    accept: makeAcceptRows(redis, keys),
    async position(id) {
      const [row, jobs] = await redis.hmget(keys.campaign(id), 'queued', 'jobs');
      return { row: Number(row ?? 0), jobs: Number(jobs ?? 0) };
    },
    async markQueued(id, { row, jobs }, from) {
      return (await setAt([keys.campaign(id)], [from.row, 'queued', row, 'jobs', jobs])) === 1;
    },
    firstOpenRow: async (id) => Number(await firstOpenRow([keys.settled(id)], [])),
    async markOpened(id) {
      await markOpened([keys.campaign(id), keys.changeOrder], []);
    },
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
