/**
 * Outbox of write-backs to Bloomreach. The script that settles a card also adds its write-back, so a crash cannot
 * separate the two. An entry leaves when Bloomreach accepted it or it was given up. Entries are leased to the process
 * that sends them: after a crash the lease expires and another process takes them.
 */

import type { FailedWriteBack } from '../../domain/failures/failed.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import { campaignAndRow } from '../../domain/jobs/job-id.ts';
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
import { redisTimeLua } from '../redis-time.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { pausedLua } from './bloomreach-pause.ts';

export interface Outbox {
  /**
   * Leases up to `size` due entries for `leaseMs`: a full batch immediately, a smaller one once its oldest entry has
   * waited `maxWaitMs`; otherwise none, as during a pause. Removes entries whose content is lost, and counts them as
   * failed.
   */
  take(options: { size: number; maxWaitMs: number; leaseMs: number }): Promise<Leased | undefined>;
  /** Extends the lease. Returns undefined if another process has taken, or a person has erased, any of the entries. */
  renew(leased: Leased, leaseMs: number): Promise<Leased | undefined>;
  /** Adds an entry that a restored store has lost; one with its id stays. Its campaign may be lost as well. */
  add(entry: WriteBack): Promise<void>;
  /** Removes entries that Bloomreach accepted, even if another process holds their lease now. */
  markDelivered(entries: readonly WriteBack[]): Promise<void>;
  /** Makes entries due again in `delayMs` and ends their lease. Does nothing for those whose lease was lost. */
  requeue(entries: readonly WriteBack[], lease: string, delayMs: number): Promise<void>;
  /** Moves an entry that Bloomreach refused for good to the failure index, unless its lease was lost. */
  giveUp(entry: WriteBack, lease: string, failure: Failure, now: number): Promise<void>;
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

/** Entries of the outbox that this process may send until the lease expires. */
export interface Leased {
  entries: readonly WriteBack[];
  /**
   * The due time of the entries, at which their lease expires. As every later lease of an entry expires later, it also
   * proves that the lease is still ours.
   */
  lease: string;
  /** Whether write-backs are paused, and these decide whether the pause ends. */
  isProbe: boolean;
  /** Ids of due entries whose content Redis no longer has: it has lost or evicted it. They are not sent. */
  lost: readonly string[];
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

const takeKeys = scriptKeys('outbox', 'due', 'pause');
const takeArgs = scriptArgs('size', 'maxWait', 'lease');
/**
 * Returns the lease, the entries, whether they are a probe, and the ids of the lost ones; nothing if there is nothing to
 * send now.
 */
const takeScript = `${redisTimeLua}${pausedLua}
${takeKeys.lua}${takeArgs.lua}
local now = redisNow()
local left, isProbe = pausedMs(pause, now)
if left > 0 then return false end
local ids = redis.call('ZRANGE', due, '-inf', now, 'BYSCORE', 'LIMIT', 0, size)
if #ids == 0 then return false end
if #ids < tonumber(size) and tonumber(redis.call('ZSCORE', due, ids[1])) > now - maxWait then return false end
local expiry = string.format('%.0f', now + lease)
local leased, entries, lost = {}, {}, {}
for nth, entry in ipairs(redis.call('HMGET', outbox, unpack(ids))) do
  if entry then
    entries[#entries + 1] = entry
    leased[#leased + 1] = expiry
    leased[#leased + 1] = ids[nth]
  else
    lost[#lost + 1] = ids[nth]
  end
end
if #lost > 0 then redis.call('ZREM', due, unpack(lost)) end
if #entries > 0 then
  if isProbe then beginProbe(pause, now, lease) end
  redis.call('ZADD', due, 'XX', unpack(leased))
end
return { expiry, entries, isProbe and 1 or 0, lost }`;

/** KEYS: campaign. A campaign closes once all its write-backs have left the outbox. */
const lostScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HINCRBY', KEYS[1], 'writeBackFailures', 1) end`;

/** KEYS: due. ARGV: the lease, its new length (ms), the ids. Returns the new lease, or nothing if one entry lost it. */
const renewScript = `${redisTimeLua}
local expiry = string.format('%.0f', redisNow() + ARGV[2])
local leased = {}
for i = 3, #ARGV do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) ~= ARGV[1] then return false end
  leased[#leased + 1] = expiry
  leased[#leased + 1] = ARGV[i]
end
redis.call('ZADD', KEYS[1], 'XX', unpack(leased))
return expiry`;

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
if delivered > 0 and redis.call('EXISTS', campaign) == 1 then redis.call('HINCRBY', campaign, 'writtenBack', delivered) end`;

/** KEYS: outbox, due, campaign. ARGV: id, content, due time. */
const addScript = `
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
if redis.call('EXISTS', KEYS[3]) == 1 then redis.call('HINCRBY', KEYS[3], 'writeBacks', 1) end`;

/** ARGV: the lease, the delay (ms), then id and content of each entry. */
const requeueScript = `${redisTimeLua}
local outbox, due = unpack(KEYS)
local dueAt = redisNow() + ARGV[2]
for i = 3, #ARGV, 2 do
  if redis.call('ZSCORE', due, ARGV[i]) == ARGV[1] then
    redis.call('HSET', outbox, ARGV[i], ARGV[i + 1])
    redis.call('ZADD', due, dueAt, ARGV[i])
  end
end`;

const giveUpKeys = scriptKeys('outbox', 'due', 'campaign', 'causes', 'failed', 'overflow');
const giveUpArgs = scriptArgs('id', 'lease', 'record', 'now', 'cause', 'overflowId', 'pattern');
const giveUpScript = `${fileFailureLua}${recordTimelineLua}
${giveUpKeys.lua}${giveUpArgs.lua}
if redis.call('ZSCORE', due, id) ~= lease then return end
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
  const markLost = defineScript(redis, 'lostWriteBack', lostScript);
  const markDelivered = defineScript(redis, 'deliveredWriteBacks', deliveredScript);
  const renew = defineScript(redis, 'renewWriteBackLease', renewScript);
  const add = defineScript(redis, 'addWriteBack', addScript);
  const requeue = defineScript(redis, 'requeueWriteBacks', requeueScript);
  const giveUp = defineScript(redis, 'giveUpWriteBack', giveUpScript);
  const erase = defineScript(redis, 'eraseWriteBack', eraseScript);
  const both = [keys.outbox, keys.outboxDue];

  return {
    async take({ size, maxWaitMs, leaseMs }) {
      const args = takeArgs.pack({ size, maxWait: maxWaitMs, lease: leaseMs });
      const reply = await take([...both, keys.bloomreachPause], args);
      if (reply === null) return undefined;
      const [lease, entries, isProbe, lost] = reply as [string, string[], number, string[]];
      const campaigns = lost.flatMap((id) => campaignAndRow(id)?.campaign ?? []);
      await Promise.all(campaigns.map((campaign) => markLost([keys.campaign(campaign)], [])));
      return {
        lease,
        entries: entries.map((entry) => JSON.parse(entry) as WriteBack),
        isProbe: isProbe === 1,
        lost,
      };
    },
    async renew(leased, leaseMs) {
      const ids = leased.entries.map(({ id }) => id);
      const args = [leased.lease, leaseMs, ...ids];
      const lease = (await renew([keys.outboxDue], args)) as string | null;
      return lease === null ? undefined : { ...leased, lease };
    },
    async add(entry) {
      await add([...both, keys.campaign(entry.campaign)], [entry.id, JSON.stringify(entry), entry.at]);
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
    async requeue(entries, lease, delayMs) {
      await requeue(both, [lease, delayMs, ...entries.flatMap((entry) => [entry.id, JSON.stringify(entry)])]);
    },
    async giveUp(entry, lease, failure, now) {
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
            lease,
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
