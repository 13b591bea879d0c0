/**
 * The content of an import batch, as Bloomreach fetches it. A row is left out unless its write-back is still the
 * customer's latest one, because an import would overwrite newer attributes: see record-write-back.ts.
 */

import {
  customerOfWriteBack,
  timelineEntryOfWriteBack,
  type WriteBack,
} from '../../domain/jobs/write-back.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { packTimeline, recordTimelineLua, type TimelineWriter } from '../customers/timeline-writer.ts';
import type { LedgerKeys } from '../keys.ts';
import { redisTimeLua } from '../redis-time.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { latestWriteBackLua } from './record-write-back.ts';

/** One page of a file. */
export interface ServedPage {
  /** The rows to send. */
  rows: WriteBack[];
  /** How many rows moved to the outbox, because other write-backs of their customers are newer, or may be. */
  sentByBatch: number;
}

export interface ImportFiles {
  /** The write-backs of a batch, in pages; empty if the batch does not exist. */
  contents(id: string): AsyncIterable<WriteBack[]>;
  /**
   * The rows of a batch that Bloomreach may import now, in pages. Ends early if the batch falls back to the outbox
   * meanwhile. May be repeated until the batch is delivered.
   */
  serve(id: string): AsyncIterable<ServedPage>;
  /** Removes a batch that was fetched, and counts its rows as written back. Idempotent. */
  markDelivered(id: string): Promise<void>;
}

/**
 * How long after a row was served Bloomreach may date it: it applies the file while it reads it, and its clock may be
 * ahead. Until then, a further write-back of that customer waits, because it would lose against the import.
 */
const IMPORT_LEAD_MS = 60_000;

const serveKeys = scriptKeys('batch', 'rows', 'outbox', 'due');
const serveArgs = scriptArgs('start');
/**
 * The key `w` of each row's customer follows the named keys; the id and date of each row, or two empty texts if it was
 * erased, the named arguments. Returns for each row 1 if it may be imported, 2 if it moved to the outbox, 0 if it is
 * gone; nothing if the batch is gone.
 */
const serveScript = `${redisTimeLua}${latestWriteBackLua}
${serveKeys.lua}${serveArgs.lua}
if redis.call('EXISTS', batch) == 0 or redis.call('HEXISTS', batch, 'fallsBack') == 1 then return false end
local now, served, moved = redisNow(), {}, 0
for nth = 0, #KEYS - ${serveKeys.next} do
  local latestKey = KEYS[${serveKeys.next} + nth]
  local id, at = ARGV[${serveArgs.next} + 2 * nth], tonumber(ARGV[${serveArgs.next + 1} + 2 * nth])
  local text = id ~= '' and redis.call('LINDEX', rows, start + nth) or ''
  local latest = text ~= '' and redis.call('GET', latestKey)
  if text == '' then
    served[nth + 1] = 0
  elseif latest and latestAt(latest) == at and at <= now then
    served[nth + 1] = 1
    redis.call('SET', latestKey, string.format('%.0f:%.0f', at, now + ${IMPORT_LEAD_MS}), 'KEEPTTL')
  else
    served[nth + 1], moved = 2, moved + 1
    redis.call('HSET', outbox, id, text)
    redis.call('ZADD', due, math.max(now, at), id)
    redis.call('LSET', rows, start + nth, '')
  end
end
if moved > 0 then redis.call('HINCRBY', batch, 'rows', -moved) end
return served`;

/** A batch that falls back to the outbox is delivered from there. */
const deliveredScript = `
local rows, batch, batches, campaign = unpack(KEYS)
local count, fallsBack = unpack(redis.call('HMGET', batch, 'rows', 'fallsBack'))
if not count or fallsBack then return end
redis.call('DEL', rows, batch)
redis.call('ZREM', batches, ARGV[1])
redis.call('HINCRBY', campaign, 'writtenBack', count)`;

/**
 * KEYS: campaign, the `w` keys of a page, then those of the timeline entries. ARGV: the number of `w` keys, then the
 * timeline entries. Idempotent: a repeated event replaces its line.
 */
const recordScript = `${recordTimelineLua}
local count = tonumber(ARGV[1])
for nth = 2, 1 + count do redis.call('PEXPIRE', KEYS[nth], ${IMPORT_LEAD_MS}, 'LT') end
recordEvents(2 + count, 2, KEYS[1])`;

/** Write-backs read at once. */
const PAGE = 500;

/** `timeline`: absent if the customer index is off. */
export function makeImportFiles(
  redis: RedisConnection,
  keys: LedgerKeys,
  timeline?: TimelineWriter,
): ImportFiles {
  const serve = defineScript(redis, 'serveImportRows', serveScript);
  const record = defineScript(redis, 'recordImportedRows', recordScript);
  const markDelivered = defineScript(redis, 'deliveredImportBatch', deliveredScript);

  /** Reads the rows of a batch; undefined: erased with its customer, or left out. */
  async function* pagesOf(id: string): AsyncGenerator<(WriteBack | undefined)[]> {
    for (let start = 0; ; start += PAGE) {
      const page = await redis.lrange(keys.importBatchRows(id), start, start + PAGE - 1);
      if (page.length === 0) return;
      yield page.map((text) => (text === '' ? undefined : (JSON.parse(text) as WriteBack)));
    }
  }

  async function* contents(id: string): AsyncGenerator<WriteBack[]> {
    for await (const page of pagesOf(id)) yield page.filter((row) => row !== undefined);
  }

  const campaignOf = async (id: string) => (await redis.hget(keys.importBatch(id), 'campaign')) ?? '';

  return {
    contents,
    async *serve(id) {
      const named = serveKeys.pack({
        batch: keys.importBatch(id),
        rows: keys.importBatchRows(id),
        outbox: keys.outbox,
        due: keys.outboxDue,
      });
      let start = 0;
      for await (const page of pagesOf(id)) {
        const latest = page.map((row) =>
          keys.latestWriteBack(row === undefined ? '' : customerOfWriteBack(row)),
        );
        const rows = page.flatMap((row) => (row === undefined ? ['', ''] : [row.id, row.at]));
        const reply = await serve([...named, ...latest], [...serveArgs.pack({ start }), ...rows]);
        if (reply === null) return;
        const served = reply as number[];
        yield {
          rows: page.flatMap((row, nth) => (row !== undefined && served[nth] === 1 ? [row] : [])),
          sentByBatch: served.filter((result) => result === 2).length,
        };
        start += page.length;
      }
    },
    async markDelivered(id) {
      const campaign = await campaignOf(id);
      for await (const page of contents(id)) {
        const packed = packTimeline(
          timeline,
          page.map((row) => timelineEntryOfWriteBack(row, { kind: 'written-back', detail: '' })),
        );
        const latest = page.map((row) => keys.latestWriteBack(customerOfWriteBack(row)));
        await record([keys.campaign(campaign), ...latest, ...packed.keys], [latest.length, ...packed.args]);
      }
      await markDelivered(
        [keys.importBatchRows(id), keys.importBatch(id), keys.importBatches, keys.campaign(campaign)],
        [id],
      );
    },
  };
}
