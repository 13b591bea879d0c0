/**
 * Write-backs on their way home. An entry appears in the same script that settles its card, so no
 * crash can fall between the two, and leaves when Bloomreach accepted it or it was given up.
 * Whoever takes entries leases them: those of a dead process come up again.
 */

import type { Failure } from '../../domain/failures/failure.ts';
import { timelineEntryOfWriteBack, type WriteBack } from '../../domain/jobs/write-back.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { FailedWriteBack } from '../../domain/failures/failed.ts';
import { fileFailureLua, filingOf } from '../failures/causes.ts';
import type { LedgerKeys } from '../keys.ts';
import {
  NOTE_ARGS,
  NOTE_KEYS,
  timelineLua,
  notesOf,
  type TimelineWrites,
} from '../customers/timeline-writes.ts';

export interface Outbox {
  /**
   * Leases up to `size` entries that are due: a full batch at once, a smaller one as soon as its
   * oldest entry has waited `maxWaitMs`. Nothing otherwise.
   */
  take(options: { size: number; maxWaitMs: number; leaseMs: number; now: number }): Promise<WriteBack[]>;
  /** Bloomreach has these: they leave. */
  delivered(entries: readonly WriteBack[]): Promise<void>;
  /** Puts entries back, to be taken again at `due` (ms). */
  requeue(entries: readonly WriteBack[], due: number): Promise<void>;
  /** Bloomreach will not have this one: it leaves for the failure index. */
  giveUp(entry: WriteBack, failure: Failure, now: number): Promise<void>;
  /** How many entries wait, and since when (ms) the oldest is due. */
  depth(): Promise<{ waiting: number; oldestDue: number | undefined }>;
  /**
   * When (ms) the oldest entry was ready to be sent. In a long line the oldest of both its ends:
   * what nobody has tried yet is at the front, what was put back is at the rear.
   */
  oldestAt(): Promise<number | undefined>;
}

/** Entries that are looked at, at either end of the line. */
const END = 20;

const takeScript = `
local outbox, due = unpack(KEYS)
local now, size, maxWait, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ids = redis.call('ZRANGE', due, '-inf', now, 'BYSCORE', 'LIMIT', 0, size)
if #ids == 0 then return {} end
if #ids < size and tonumber(redis.call('ZSCORE', due, ids[1])) > now - maxWait then return {} end
local leased = {}
for _, id in ipairs(ids) do
  leased[#leased + 1] = now + lease
  leased[#leased + 1] = id
end
redis.call('ZADD', due, 'XX', unpack(leased))
return redis.call('HMGET', outbox, unpack(ids))`;

/** Of an entry that is not there any more nothing is put down: its customer may have been forgotten. */
const deliveredScript = `${timelineLua}
local outbox, due, campaign = unpack(KEYS)
local count, left = tonumber(ARGV[1]), 0
local serial = KEYS[4] and redis.call('HGET', campaign, 'serial') or 0
for nth = 0, count - 1 do
  local id = ARGV[2 + nth]
  redis.call('ZREM', due, id)
  if redis.call('HDEL', outbox, id) == 1 then
    left = left + 1
    if KEYS[4] then notePerson(4 + nth * ${NOTE_KEYS}, 2 + count + nth * ${NOTE_ARGS}, serial) end
  end
end
if left > 0 then redis.call('HINCRBY', campaign, 'saved', left) end`;

const requeueScript = `
local outbox, due = unpack(KEYS)
for i = 2, #ARGV, 2 do
  if redis.call('HEXISTS', outbox, ARGV[i]) == 1 then
    redis.call('HSET', outbox, ARGV[i], ARGV[i + 1])
    redis.call('ZADD', due, 'XX', ARGV[1], ARGV[i])
  end
end`;

const giveUpScript = `${fileFailureLua}${timelineLua}
local outbox, due, campaign, causes, failed, others = unpack(KEYS)
local id, record, now, cause, othersId, pattern = unpack(ARGV)
redis.call('ZREM', due, id)
if redis.call('HDEL', outbox, id) == 0 then return end
redis.call('HINCRBY', campaign, 'unsaved', 1)
fileFailure(causes, failed, others, cause, othersId, pattern, now, id, record)
notePeople(7, 7, campaign)`;

/** `people`: absent where no index of them is kept. */
export function makeOutbox(redis: RedisConnection, keys: LedgerKeys, people?: TimelineWrites): Outbox {
  const take = defineScript(redis, 'takeWriteBacks', takeScript);
  const delivered = defineScript(redis, 'deliveredWriteBacks', deliveredScript);
  const requeue = defineScript(redis, 'putBackWriteBacks', requeueScript);
  const giveUp = defineScript(redis, 'giveUpWriteBack', giveUpScript);
  const both = [keys.outbox, keys.outboxDue];

  return {
    async take({ size, maxWaitMs, leaseMs, now }) {
      const entries = (await take(both, [now, size, maxWaitMs, leaseMs])) as (string | null)[];
      return entries.flatMap((entry) => (entry === null ? [] : [JSON.parse(entry) as WriteBack]));
    },
    async delivered(entries) {
      const campaigns = [...new Set(entries.map((entry) => entry.campaign))];
      await Promise.all(
        campaigns.map((campaign) => {
          const own = entries.filter((entry) => entry.campaign === campaign);
          const notes = notesOf(
            people,
            own.map((entry) => timelineEntryOfWriteBack(entry, { what: 'saved', note: '' })),
          );
          return delivered(
            [...both, keys.campaign(campaign), ...notes.keys],
            [own.length, ...own.map(({ id }) => id), ...notes.args],
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
      const notes = notesOf(people, [
        timelineEntryOfWriteBack(entry, { what: 'unsaved', note: failure.code }),
      ]);
      await giveUp(
        [...both, keys.campaign(entry.campaign), ...filing.keys, ...notes.keys],
        [entry.id, JSON.stringify(record), now, ...filing.args, ...notes.args],
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
  };
}
