/**
 * Write-backs of large campaigns, which Bloomreach fetches as CSV imports. They are collected in a list per campaign
 * and sealed into an import batch from time to time. A batch is kept until Bloomreach has fetched it; the process that
 * requests the import leases it. A batch that cannot be imported falls back to the outbox.
 */

import { randomUUID } from 'node:crypto';
import { timelineEntryOfWriteBack, type WriteBack } from '../../domain/jobs/write-back.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { packTimeline, recordTimelineLua, type TimelineWriter } from '../customers/timeline-writer.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import type { PendingWriteBack } from './outbox.ts';

export interface ImportBatch {
  id: string;
  campaign: string;
  rows: number;
  /** How often Bloomreach was asked to import it. */
  requests: number;
}

export interface ImportBatches {
  /** Number of a campaign's write-backs that are not sealed into a batch yet. */
  pendingCount(campaign: string): Promise<number>;
  /** Seals them into a batch, which is due immediately, and records the time of sealing (`now`, ms). */
  seal(campaign: string, now: number): Promise<void>;
  /** Number of batches not yet fetched. */
  openCount(): Promise<number>;
  /** When a campaign was last sealed, ms. */
  lastSealedAt(campaign: string): Promise<number | undefined>;
  /** Leases a due batch. */
  take(now: number, leaseMs: number): Promise<ImportBatch | undefined>;
  /** Counts a request to Bloomreach; unless the batch is fetched before, it is due again at `due` (ms). */
  markRequested(id: string, due: number): Promise<void>;
  /** The write-backs of a batch, in pages; empty if the batch does not exist. */
  contents(id: string): AsyncIterable<WriteBack[]>;
  /** Removes a batch that was fetched, and counts its rows as written back. Idempotent. */
  markDelivered(id: string): Promise<void>;
  /** Moves the write-backs of a batch to the outbox and removes it. Can be repeated after a crash. */
  fallBack(id: string, now: number): Promise<void>;
  /** A campaign's write-backs that are not sealed yet, in pages, for erasing them. */
  pending(campaign: string): AsyncIterable<PendingWriteBack[]>;
  /** The write-backs of all batches, in pages, for erasing them. */
  sealed(): AsyncIterable<PendingWriteBack[]>;
}

const sealKeys = scriptKeys('pendingImport', 'rows', 'batch', 'batches', 'campaign');
const sealArgs = scriptArgs('id', 'campaignId', 'now');
const sealScript = `
${sealKeys.lua}${sealArgs.lua}
redis.call('HSET', campaign, 'sealedAt', now)
local count = redis.call('LLEN', pendingImport)
if count == 0 then return end
redis.call('RENAME', pendingImport, rows)
redis.call('HSET', batch, 'campaign', campaignId, 'rows', count, 'requests', 0)
redis.call('ZADD', batches, now, id)`;

/** KEYS: batches. ARGV: now, lease (ms). */
const takeScript = `
local found = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, 1)
if not found[1] then return false end
redis.call('ZADD', KEYS[1], ARGV[1] + ARGV[2], found[1])
return found[1]`;

/** KEYS: batch, batches. ARGV: id, due. Does nothing if the batch was fetched meanwhile. */
const requestedScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('HINCRBY', KEYS[1], 'requests', 1)
redis.call('ZADD', KEYS[2], 'XX', ARGV[2], ARGV[1])`;

const deliveredScript = `
local rows, batch, batches, campaign = unpack(KEYS)
local count = redis.call('HGET', batch, 'rows')
if not count then return end
redis.call('DEL', rows, batch)
redis.call('ZREM', batches, ARGV[1])
redis.call('HINCRBY', campaign, 'writtenBack', count)`;

/** KEYS: campaign, then the timeline entries. Idempotent: a repeated event replaces its line. */
const recordScript = `${recordTimelineLua}
recordEvents(2, 1, KEYS[1])`;

/** Small enough for one script. */
const FALL_BACK_STEP = 500;

const fallBackKeys = scriptKeys('rows', 'batch', 'batches', 'outbox', 'due');
const fallBackArgs = scriptArgs('id', 'now');
const fallBackScript = `
${fallBackKeys.lua}${fallBackArgs.lua}
for _, writeBack in ipairs(redis.call('LRANGE', rows, 0, ${FALL_BACK_STEP - 1})) do
  -- Empty: erased with its customer.
  if writeBack ~= '' then
    local job = cjson.decode(writeBack).id
    redis.call('HSET', outbox, job, writeBack)
    redis.call('ZADD', due, now, job)
  end
end
redis.call('LTRIM', rows, ${FALL_BACK_STEP}, -1)
local left = redis.call('LLEN', rows)
if left == 0 then
  redis.call('DEL', batch)
  redis.call('ZREM', batches, id)
end
return left`;

const erasePendingScript = `
local pendingImport, campaign = unpack(KEYS)
local erased = redis.call('LREM', pendingImport, 1, ARGV[1])
if erased > 0 then redis.call('HINCRBY', campaign, 'writeBacks', -erased) end
return erased`;

/** Leaves an empty row: a reader that fetches the batch page by page would miss another row otherwise. */
const eraseSealedScript = `
local rows, batch, campaign = unpack(KEYS)
local index = redis.call('LPOS', rows, ARGV[1])
if not index then return 0 end
redis.call('LSET', rows, index, '')
redis.call('HINCRBY', batch, 'rows', -1)
redis.call('HINCRBY', campaign, 'writeBacks', -1)
return 1`;

/** Write-backs read at once. */
const PAGE = 500;

/** `timeline`: absent if the customer index is off. */
export function makeImportBatches(
  redis: RedisConnection,
  keys: LedgerKeys,
  timeline?: TimelineWriter,
): ImportBatches {
  const seal = defineScript(redis, 'sealImportBatch', sealScript);
  const take = defineScript(redis, 'takeImportBatch', takeScript);
  const markRequested = defineScript(redis, 'requestedImportBatch', requestedScript);
  const markDelivered = defineScript(redis, 'deliveredImportBatch', deliveredScript);
  const record = defineScript(redis, 'recordImportedRows', recordScript);
  const fallBack = defineScript(redis, 'fallBackImportBatch', fallBackScript);
  const erasePending = defineScript(redis, 'erasePendingImport', erasePendingScript);
  const eraseSealed = defineScript(redis, 'eraseImportBatchRow', eraseSealedScript);

  async function* contents(id: string): AsyncGenerator<WriteBack[]> {
    for (let start = 0; ; start += PAGE) {
      const page = await redis.lrange(keys.importBatchRows(id), start, start + PAGE - 1);
      if (page.length === 0) return;
      // Empty: erased with its customer.
      yield page.filter((text) => text !== '').map((text) => JSON.parse(text) as WriteBack);
    }
  }

  const recordTimeline = async (id: string, campaign: string): Promise<void> => {
    if (timeline === undefined) return;
    for await (const page of contents(id)) {
      const packed = packTimeline(
        timeline,
        page.map((writeBack) => timelineEntryOfWriteBack(writeBack, { kind: 'written-back', detail: '' })),
      );
      await record([keys.campaign(campaign), ...packed.keys], packed.args);
    }
  };

  /** Reads a list from its end: rows erased meanwhile do not move those not yet read. */
  async function* listed(
    key: string,
    erase: (text: string, writeBack: WriteBack) => Promise<unknown>,
  ): AsyncGenerator<PendingWriteBack[]> {
    for (let end = await redis.llen(key); end > 0; end -= PAGE) {
      const page = await redis.lrange(key, Math.max(0, end - PAGE), end - 1);
      yield page
        .filter((text) => text !== '')
        .map((text) => {
          const writeBack = JSON.parse(text) as WriteBack;
          return { writeBack, erase: async () => (await erase(text, writeBack)) === 1 };
        });
    }
  }

  return {
    contents,
    pendingCount: (campaign) => redis.llen(keys.pendingImport(campaign)),
    openCount: () => redis.zcard(keys.importBatches),
    async lastSealedAt(campaign) {
      const at = await redis.hget(keys.campaign(campaign), 'sealedAt');
      return at === null ? undefined : Number(at);
    },
    async seal(campaign, now) {
      // The id is part of the URL that Bloomreach fetches, so it must not be guessable.
      const id = `${campaign}-${randomUUID()}`;
      await seal(
        sealKeys.pack({
          pendingImport: keys.pendingImport(campaign),
          rows: keys.importBatchRows(id),
          batch: keys.importBatch(id),
          batches: keys.importBatches,
          campaign: keys.campaign(campaign),
        }),
        sealArgs.pack({ id, campaignId: campaign, now }),
      );
    },
    async take(now, leaseMs) {
      const id = (await take([keys.importBatches], [now, leaseMs])) as string | null;
      if (id === null) return undefined;
      const fields = await redis.hmget(keys.importBatch(id), 'campaign', 'rows', 'requests');
      const [campaign, rows, requests] = fields;
      return { id, campaign: campaign ?? '', rows: Number(rows), requests: Number(requests) };
    },
    async markRequested(id, due) {
      await markRequested([keys.importBatch(id), keys.importBatches], [id, due]);
    },
    async markDelivered(id) {
      const campaign = (await redis.hget(keys.importBatch(id), 'campaign')) ?? '';
      await recordTimeline(id, campaign);
      await markDelivered(
        [keys.importBatchRows(id), keys.importBatch(id), keys.importBatches, keys.campaign(campaign)],
        [id],
      );
    },
    async fallBack(id, now) {
      const batchKeys = fallBackKeys.pack({
        rows: keys.importBatchRows(id),
        batch: keys.importBatch(id),
        batches: keys.importBatches,
        outbox: keys.outbox,
        due: keys.outboxDue,
      });
      while ((await fallBack(batchKeys, fallBackArgs.pack({ id, now }))) !== 0);
    },
    pending: (campaign) =>
      listed(keys.pendingImport(campaign), (text) =>
        erasePending([keys.pendingImport(campaign), keys.campaign(campaign)], [text]),
      ),
    async *sealed() {
      for (const id of await redis.zrange(keys.importBatches, 0, '-1')) {
        yield* listed(keys.importBatchRows(id), (text, { campaign }) =>
          eraseSealed([keys.importBatchRows(id), keys.importBatch(id), keys.campaign(campaign)], [text]),
        );
      }
    },
  };
}
