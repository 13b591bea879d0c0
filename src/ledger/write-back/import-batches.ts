/**
 * Write-backs of a large campaign, which go home as CSV imports: they gather in a list, and are tied
 * into a parcel from time to time. A parcel is kept until Bloomreach has fetched it; whoever carries
 * one leases it. What cannot go this way is unpacked into the outbox.
 */

import { randomUUID } from 'node:crypto';
import { timelineEntryOfWriteBack, type WriteBack } from '../../domain/jobs/write-back.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';
import { timelineLua, notesOf, type TimelineWrites } from '../customers/timeline-writes.ts';

export interface ImportBatch {
  id: string;
  campaign: string;
  rows: number;
  /** How often Bloomreach was asked to fetch it. */
  tries: number;
}

export interface ImportBatches {
  /** How many of a campaign's write-backs are in no parcel yet. */
  pendingImport(campaign: string): Promise<number>;
  /** Ties them into a parcel, which is due at once; the next is looked for from `now` on. */
  seal(campaign: string, now: number): Promise<void>;
  /** How many parcels Bloomreach has yet to fetch. */
  waiting(): Promise<number>;
  /** When a campaign's last parcel was tied, ms. */
  tiedAt(campaign: string): Promise<number | undefined>;
  /** Leases a parcel that is due, for somebody to carry. */
  take(now: number, leaseMs: number): Promise<ImportBatch | undefined>;
  /** Bloomreach is asked (again): unless it is fetched before, the parcel is due at that time. */
  asked(id: string, due: number): Promise<void>;
  /** Its write-backs, in pages; empty where there is no such parcel. */
  contents(id: string): AsyncIterable<WriteBack[]>;
  /** Bloomreach has it: it is gone, and its rows count as saved. Saying so again changes nothing. */
  delivered(id: string): Promise<void>;
  /** Puts its write-backs into the outbox, and it is gone. Can be repeated from wherever it ended. */
  unpack(id: string, now: number): Promise<void>;
}

const sealScript = `
local loose, contents, parcel, parcels, campaign = unpack(KEYS)
local id, campaignId, now = unpack(ARGV)
redis.call('HSET', campaign, 'tiedAt', now)
local rows = redis.call('LLEN', loose)
if rows == 0 then return end
redis.call('RENAME', loose, contents)
redis.call('HSET', parcel, 'campaign', campaignId, 'rows', rows, 'tries', 0)
redis.call('ZADD', parcels, now, id)`;

const takeScript = `
local found = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, 1)
if not found[1] then return false end
redis.call('ZADD', KEYS[1], ARGV[1] + ARGV[2], found[1])
return found[1]`;

const deliveredScript = `
local contents, parcel, parcels, campaign = unpack(KEYS)
local rows = redis.call('HGET', parcel, 'rows')
if not rows then return end
redis.call('DEL', contents, parcel)
redis.call('ZREM', parcels, ARGV[1])
redis.call('HINCRBY', campaign, 'saved', rows)`;

/** Saying so twice says it once: the line is the same. */
const notedScript = `${timelineLua}
notePeople(2, 1, KEYS[1])`;

/** Few enough for one script. */
const STEP = 500;

const unpackScript = `
local contents, parcel, parcels, outbox, due = unpack(KEYS)
for _, entry in ipairs(redis.call('LRANGE', contents, 0, ${STEP - 1})) do
  -- Empty: its customer was forgotten.
  if entry ~= '' then
    local id = cjson.decode(entry).id
    redis.call('HSET', outbox, id, entry)
    redis.call('ZADD', due, ARGV[2], id)
  end
end
redis.call('LTRIM', contents, ${STEP}, -1)
local left = redis.call('LLEN', contents)
if left == 0 then
  redis.call('DEL', parcel)
  redis.call('ZREM', parcels, ARGV[1])
end
return left`;

const PAGE = 500;

/** `people`: absent where no index of them is kept. */
export function makeImportBatches(
  redis: RedisConnection,
  keys: LedgerKeys,
  people?: TimelineWrites,
): ImportBatches {
  const seal = defineScript(redis, 'tieParcel', sealScript);
  const take = defineScript(redis, 'takeParcel', takeScript);
  const delivered = defineScript(redis, 'deliveredParcel', deliveredScript);
  const noted = defineScript(redis, 'noteDelivered', notedScript);
  const unpack = defineScript(redis, 'unpackParcel', unpackScript);

  async function* contents(id: string): AsyncGenerator<WriteBack[]> {
    for (let start = 0; ; start += PAGE) {
      const page = await redis.lrange(keys.importBatchRows(id), start, start + PAGE - 1);
      if (page.length === 0) return;
      // Empty: its customer was forgotten.
      yield page.filter((entry) => entry !== '').map((entry) => JSON.parse(entry) as WriteBack);
    }
  }

  const noteCustomers = async (id: string, campaign: string): Promise<void> => {
    if (people === undefined) return;
    for await (const page of contents(id)) {
      const notes = notesOf(
        people,
        page.map((entry) => timelineEntryOfWriteBack(entry, { what: 'saved', note: '' })),
      );
      await noted([keys.campaign(campaign), ...notes.keys], notes.args);
    }
  };

  return {
    contents,
    pendingImport: (campaign) => redis.llen(keys.pendingImport(campaign)),
    waiting: () => redis.zcard(keys.importBatches),
    async tiedAt(campaign) {
      const at = await redis.hget(keys.campaign(campaign), 'tiedAt');
      return at === null ? undefined : Number(at);
    },
    async seal(campaign, now) {
      // Whoever knows the name may not read it, but nobody has to guess it either.
      const id = `${campaign}-${randomUUID()}`;
      await seal(
        [
          keys.pendingImport(campaign),
          keys.importBatchRows(id),
          keys.importBatch(id),
          keys.importBatches,
          keys.campaign(campaign),
        ],
        [id, campaign, now],
      );
    },
    async take(now, leaseMs) {
      const id = (await take([keys.importBatches], [now, leaseMs])) as string | null;
      if (id === null) return undefined;
      const [campaign, rows, tries] = await redis.hmget(keys.importBatch(id), 'campaign', 'rows', 'tries');
      return { id, campaign: campaign ?? '', rows: Number(rows), tries: Number(tries) };
    },
    async asked(id, due) {
      // Not brought back where it was fetched meanwhile.
      await redis
        .multi()
        .hincrby(keys.importBatch(id), 'tries', 1)
        .zadd(keys.importBatches, 'XX', due, id)
        .exec();
    },
    async delivered(id) {
      const campaign = (await redis.hget(keys.importBatch(id), 'campaign')) ?? '';
      await noteCustomers(id, campaign);
      await delivered(
        [keys.importBatchRows(id), keys.importBatch(id), keys.importBatches, keys.campaign(campaign)],
        [id],
      );
    },
    async unpack(id, now) {
      const all = [
        keys.importBatchRows(id),
        keys.importBatch(id),
        keys.importBatches,
        keys.outbox,
        keys.outboxDue,
      ];
      while ((await unpack(all, [id, now])) !== 0);
    },
  };
}
