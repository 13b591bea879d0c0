/**
 * Write-backs of large campaigns, which Bloomreach fetches as CSV imports. They are collected in a list per campaign
 * and sealed into an import batch from time to time. A batch is kept until Bloomreach has fetched it; the process that
 * requests the import leases it. A batch that cannot be imported falls back to the outbox.
 */

import { randomUUID } from 'node:crypto';
import type { WriteBack } from '../../domain/jobs/write-back.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { TimelineWriter } from '../customers/timeline-writer.ts';
import type { LedgerKeys } from '../keys.ts';
import { redisTimeLua } from '../redis-time.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { type ImportFiles, makeImportFiles } from './import-file.ts';
import type { PendingWriteBack } from './outbox.ts';

export interface ImportBatch {
  id: string;
  campaign: string;
  rows: number;
  /** How often Bloomreach was asked to import it. */
  requests: number;
}

export interface ImportBatches extends ImportFiles {
  /** A campaign's write-backs that are not sealed into a batch yet: their number, and the age of the oldest, ms. */
  backlog(campaign: string): Promise<{ count: number; ageMs: number }>;
  /** Seals them into a batch, which is due immediately. */
  seal(campaign: string): Promise<void>;
  /** Number of batches not yet fetched. */
  openCount(): Promise<number>;
  /** Leases a due batch. */
  take(leaseMs: number): Promise<ImportBatch | undefined>;
  /** Counts a request to Bloomreach; unless the batch is fetched before, it is due again in `delayMs`. */
  markRequested(id: string, delayMs: number): Promise<void>;
  /** Makes a batch due again in `delayMs`, without counting a request. */
  postpone(id: string, delayMs: number): Promise<void>;
  /** Moves the write-backs of a batch to the outbox and removes it. Can be repeated after a crash. */
  fallBack(id: string): Promise<void>;
  /** A campaign's write-backs that are not sealed yet, in pages, for erasing them. */
  pending(campaign: string): AsyncIterable<PendingWriteBack[]>;
  /** The write-backs of all batches, in pages, for erasing them. */
  sealed(): AsyncIterable<PendingWriteBack[]>;
}

/** KEYS: pending import. Returns the number of write-backs and the age of the oldest. */
const backlogScript = `${redisTimeLua}
local count = redis.call('LLEN', KEYS[1])
if count == 0 then return { 0, 0 } end
return { count, redisNow() - redis.call('LINDEX', KEYS[1], 0):match('"at":(%d+)}$') }`;

const sealKeys = scriptKeys('pendingImport', 'rows', 'batch', 'batches');
const sealArgs = scriptArgs('id', 'campaignId');
const sealScript = `${redisTimeLua}
${sealKeys.lua}${sealArgs.lua}
local count = redis.call('LLEN', pendingImport)
if count == 0 then return end
redis.call('RENAME', pendingImport, rows)
redis.call('HSET', batch, 'campaign', campaignId, 'rows', count, 'requests', 0)
redis.call('ZADD', batches, redisNow(), id)`;

/** KEYS: batches. ARGV: lease (ms). */
const takeScript = `${redisTimeLua}
local now = redisNow()
local found = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)
if not found[1] then return false end
redis.call('ZADD', KEYS[1], now + ARGV[1], found[1])
return found[1]`;

/** KEYS: batch, batches. ARGV: id, delay (ms), requests made (0 or 1). Does nothing if the batch was fetched meanwhile. */
const requestedScript = `${redisTimeLua}
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('HINCRBY', KEYS[1], 'requests', ARGV[3])
redis.call('ZADD', KEYS[2], 'XX', redisNow() + ARGV[2], ARGV[1])`;

/** Small enough for one script. */
const FALL_BACK_STEP = 500;

const fallBackKeys = scriptKeys('rows', 'batch', 'batches', 'outbox', 'due');
const fallBackArgs = scriptArgs('id');
const fallBackScript = `${redisTimeLua}
${fallBackKeys.lua}${fallBackArgs.lua}
if redis.call('EXISTS', batch) == 0 then return 0 end
-- From now on it is not served, as its rows change their positions.
redis.call('HSET', batch, 'fallsBack', 1)
local now = redisNow()
for _, writeBack in ipairs(redis.call('LRANGE', rows, 0, ${FALL_BACK_STEP - 1})) do
  -- Empty: erased with its customer, or left out of the import.
  if writeBack ~= '' then
    local entry = cjson.decode(writeBack)
    redis.call('HSET', outbox, entry.id, writeBack)
    redis.call('ZADD', due, math.max(now, entry.at), entry.id)
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
  const backlog = defineScript(redis, 'importBacklog', backlogScript);
  const take = defineScript(redis, 'takeImportBatch', takeScript);
  const markRequested = defineScript(redis, 'requestedImportBatch', requestedScript);
  const fallBack = defineScript(redis, 'fallBackImportBatch', fallBackScript);
  const erasePending = defineScript(redis, 'erasePendingImport', erasePendingScript);
  const eraseSealed = defineScript(redis, 'eraseImportBatchRow', eraseSealedScript);

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
    ...makeImportFiles(redis, keys, timeline),
    async backlog(campaign) {
      const [count, ageMs] = (await backlog([keys.pendingImport(campaign)], [])) as [number, number];
      return { count, ageMs };
    },
    openCount: () => redis.zcard(keys.importBatches),
    async seal(campaign) {
      // The id is part of the URL that Bloomreach fetches, so it must not be guessable.
      const id = `${campaign}-${randomUUID()}`;
      await seal(
        sealKeys.pack({
          pendingImport: keys.pendingImport(campaign),
          rows: keys.importBatchRows(id),
          batch: keys.importBatch(id),
          batches: keys.importBatches,
        }),
        sealArgs.pack({ id, campaignId: campaign }),
      );
    },
    async take(leaseMs) {
      const id = (await take([keys.importBatches], [leaseMs])) as string | null;
      if (id === null) return undefined;
      const fields = await redis.hmget(keys.importBatch(id), 'campaign', 'rows', 'requests');
      const [campaign, rows, requests] = fields;
      return { id, campaign: campaign ?? '', rows: Number(rows), requests: Number(requests) };
    },
    async markRequested(id, delayMs) {
      await markRequested([keys.importBatch(id), keys.importBatches], [id, delayMs, 1]);
    },
    async postpone(id, delayMs) {
      await markRequested([keys.importBatch(id), keys.importBatches], [id, delayMs, 0]);
    },
    async fallBack(id) {
      const batchKeys = fallBackKeys.pack({
        rows: keys.importBatchRows(id),
        batch: keys.importBatch(id),
        batches: keys.importBatches,
        outbox: keys.outbox,
        due: keys.outboxDue,
      });
      while ((await fallBack(batchKeys, fallBackArgs.pack({ id }))) !== 0);
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
