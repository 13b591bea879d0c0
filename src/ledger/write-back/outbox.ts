/**
 * Outbox of write-backs to Bloomreach. The script that settles a card also adds its write-back, so a crash cannot
 * separate the two. An entry leaves when Bloomreach accepted it or it was given up. Entries are leased to the process
 * that sends them: after a crash the lease expires and another process takes them.
 */

import type { FailedWriteBack } from '../../domain/failures/failed.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import { timelineEntryOfWriteBack, type WriteBack } from '../../domain/jobs/write-back.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import {
  ENTRY_ARGS,
  ENTRY_KEYS,
  packTimeline,
  recordTimelineLua,
  type TimelineWriter,
} from '../customers/timeline-writer.ts';
import { fileFailureLua, filingOf } from '../failures/causes.ts';
import { hashPages } from '../hash-values.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';

export interface Outbox {
  /**
   * Leases up to `size` due entries: a full batch immediately, a smaller one once its oldest entry has waited
   * `maxWaitMs`; otherwise none.
   */
  take(options: { size: number; maxWaitMs: number; leaseMs: number; now: number }): Promise<WriteBack[]>;
  /** Removes entries that Bloomreach accepted. */
  markDelivered(entries: readonly WriteBack[]): Promise<void>;
  /** Makes leased entries due again at `due` (ms). */
  requeue(entries: readonly WriteBack[], due: number): Promise<void>;
  /** Moves an entry that Bloomreach refused for good to the failure index. */
  giveUp(entry: WriteBack, failure: Failure, now: number): Promise<void>;
  /** Number of entries, and since when (ms) the oldest is due. */
  depth(): Promise<{ waiting: number; oldestDue: number | undefined }>;
  /**
   * When (ms) the oldest entry was ready to be sent. Reads only both ends of a long outbox: new entries are at the
   * front, requeued ones at the rear.
   */
  oldestAt(): Promise<number | undefined>;
  /** All entries, in pages, for erasing them. Some may come twice. */
  pending(): AsyncIterable<PendingWriteBack[]>;
}

/** A write-back that Bloomreach has not accepted yet. */
export interface PendingWriteBack {
  writeBack: WriteBack;
  /** Erases it; the campaign counts as if there had been nothing to write back. False if it was gone. */
  erase(): Promise<boolean>;
}

/** Entries read at either end. */
const END = 20;
/** Entries read at once. */
const PAGE = 500;

const takeKeys = scriptKeys('outbox', 'due');
const takeArgs = scriptArgs('now', 'size', 'maxWait', 'lease');
const takeScript = `
${takeKeys.lua}${takeArgs.lua}
local ids = redis.call('ZRANGE', due, '-inf', now, 'BYSCORE', 'LIMIT', 0, size)
if #ids == 0 then return {} end
if #ids < tonumber(size) and tonumber(redis.call('ZSCORE', due, ids[1])) > now - maxWait then return {} end
local leased = {}
for _, id in ipairs(ids) do
  leased[#leased + 1] = now + lease
  leased[#leased + 1] = id
end
redis.call('ZADD', due, 'XX', unpack(leased))
return redis.call('HMGET', outbox, unpack(ids))`;

/**
 * KEYS: outbox, due, campaign, then those of the timeline entries. ARGV: the number of ids, the ids, then the timeline
 * entries. Records no timeline event for an entry that is gone: its customer may have been forgotten.
 */
const deliveredScript = `${recordTimelineLua}
local outbox, due, campaign = unpack(KEYS)
local count, delivered = tonumber(ARGV[1]), 0
local serial = KEYS[4] and redis.call('HGET', campaign, 'serial') or 0
for nth = 0, count - 1 do
  local id = ARGV[2 + nth]
  redis.call('ZREM', due, id)
  if redis.call('HDEL', outbox, id) == 1 then
    delivered = delivered + 1
    if KEYS[4] then recordEvent(4 + nth * ${ENTRY_KEYS}, 2 + count + nth * ${ENTRY_ARGS}, serial) end
  end
end
if delivered > 0 then redis.call('HINCRBY', campaign, 'writtenBack', delivered) end`;

/** ARGV: due time, then id and content of each entry. */
const requeueScript = `
local outbox, due = unpack(KEYS)
for i = 2, #ARGV, 2 do
  if redis.call('HEXISTS', outbox, ARGV[i]) == 1 then
    redis.call('HSET', outbox, ARGV[i], ARGV[i + 1])
    redis.call('ZADD', due, 'XX', ARGV[1], ARGV[i])
  end
end`;

const giveUpKeys = scriptKeys('outbox', 'due', 'campaign', 'causes', 'failed', 'overflow');
const giveUpArgs = scriptArgs('id', 'record', 'now', 'cause', 'overflowId', 'pattern');
const giveUpScript = `${fileFailureLua}${recordTimelineLua}
${giveUpKeys.lua}${giveUpArgs.lua}
redis.call('ZREM', due, id)
if redis.call('HDEL', outbox, id) == 0 then return end
redis.call('HINCRBY', campaign, 'writeBackFailures', 1)
fileFailure(causes, failed, overflow, cause, overflowId, pattern, now, id, record)
recordEvents(${giveUpKeys.next}, ${giveUpArgs.next}, campaign)`;

const eraseScript = `
local outbox, due, campaign = unpack(KEYS)
redis.call('ZREM', due, ARGV[1])
local erased = redis.call('HDEL', outbox, ARGV[1])
if erased > 0 then redis.call('HINCRBY', campaign, 'writeBacks', -erased) end
return erased`;

/** `timeline`: absent if the customer index is off. */
export function makeOutbox(redis: RedisConnection, keys: LedgerKeys, timeline?: TimelineWriter): Outbox {
  const take = defineScript(redis, 'takeWriteBacks', takeScript);
  const markDelivered = defineScript(redis, 'deliveredWriteBacks', deliveredScript);
  const requeue = defineScript(redis, 'requeueWriteBacks', requeueScript);
  const giveUp = defineScript(redis, 'giveUpWriteBack', giveUpScript);
  const erase = defineScript(redis, 'eraseWriteBack', eraseScript);
  const both = [keys.outbox, keys.outboxDue];

  return {
    async take({ size, maxWaitMs, leaseMs, now }) {
      const args = takeArgs.pack({ now, size, maxWait: maxWaitMs, lease: leaseMs });
      const entries = (await take(both, args)) as (string | null)[];
      return entries.flatMap((entry) => (entry === null ? [] : [JSON.parse(entry) as WriteBack]));
    },
    async markDelivered(entries) {
      const campaigns = [...new Set(entries.map((entry) => entry.campaign))];
      await Promise.all(
        campaigns.map((campaign) => {
          const own = entries.filter((entry) => entry.campaign === campaign);
          const packed = packTimeline(
            timeline,
            own.map((entry) => timelineEntryOfWriteBack(entry, { kind: 'written-back', detail: '' })),
          );
          return markDelivered(
            [...both, keys.campaign(campaign), ...packed.keys],
            [own.length, ...own.map(({ id }) => id), ...packed.args],
          );
        }),
      );
    },
    async requeue(entries, due) {
      await requeue(both, [due, ...entries.flatMap((entry) => [entry.id, JSON.stringify(entry)])]);
    },
    async giveUp(entry, failure, now) {
      const record: FailedWriteBack = { writeBack: entry, failure, at: now };
      const filing = filingOf(keys, entry.campaign, failure);
      const [causes, failed, overflow] = filing.keys;
      const [cause, overflowId, pattern] = filing.args;
      const packed = packTimeline(timeline, [
        timelineEntryOfWriteBack(entry, { kind: 'write-back-failed', detail: failure.code }),
      ]);
      await giveUp(
        [
          ...giveUpKeys.pack({
            outbox: keys.outbox,
            due: keys.outboxDue,
            campaign: keys.campaign(entry.campaign),
            causes,
            failed,
            overflow,
          }),
          ...packed.keys,
        ],
        [
          ...giveUpArgs.pack({
            id: entry.id,
            record: JSON.stringify(record),
            now,
            cause,
            overflowId,
            pattern,
          }),
          ...packed.args,
        ],
      );
    },
    async depth() {
      const [waiting, oldest] = await Promise.all([
        redis.zcard(keys.outboxDue),
        redis.zrange(keys.outboxDue, 0, '0', 'WITHSCORES'),
      ]);
      return { waiting, oldestDue: oldest[1] === undefined ? undefined : Number(oldest[1]) };
    },
    async oldestAt() {
      const ends = await Promise.all([
        redis.zrange(keys.outboxDue, 0, String(END - 1)),
        redis.zrange(keys.outboxDue, -END, '-1'),
      ]);
      const ids = [...new Set(ends.flat())];
      if (ids.length === 0) return undefined;
      const entries = (await redis.hmget(keys.outbox, ...ids)).filter((entry) => entry !== null);
      if (entries.length === 0) return undefined;
      return Math.min(...entries.map((entry) => (JSON.parse(entry) as WriteBack).at));
    },
    async *pending() {
      for await (const page of hashPages<WriteBack>(redis, keys.outbox, PAGE)) {
        yield page.map((writeBack) => ({
          writeBack,
          erase: async () =>
            (await erase([...both, keys.campaign(writeBack.campaign)], [writeBack.id])) === 1,
        }));
      }
    },
  };
}
