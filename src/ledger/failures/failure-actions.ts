/**
 * What can be done with a failure, on a receipt: one atomic script each, which takes the record off
 * the index and counts it on the receipt. However often and from wherever it is asked for, it
 * happens once, and never once the receipt was cancelled.
 */

import {
  type Discard,
  type DiscardedRecord,
  type FailedJob,
  type FailedRecord,
  type FailedWriteBack,
  jobIdOf,
  rowOf,
} from '../../domain/failures/failed.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import { timelineEntryOf, type TimelineEntry } from '../../domain/customers/timeline.ts';
import { timelineEntryOfWriteBack } from '../../domain/jobs/write-back.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';
import { parkedForm, parkLua } from '../jobs/parked-jobs.ts';
import { timelineLua, notesOf, type TimelineWrites } from '../customers/timeline-writes.ts';

/** Under which cause a record stands, and on which receipt something is done with it: their ids. */
export interface Filed {
  cause: string;
  bulkAction: string;
}

/** Each returns false where somebody else did something with the record, or the receipt does not run. */
export interface FailureActions {
  /**
   * Makes a failed job pending again and parks it, to be queued; `as`: what it is from now on. It goes
   * by what its program says by then: somebody may have mended it.
   */
  reopen(record: FailedJob, filed: Filed, as?: PassJob): Promise<boolean>;
  /** Puts a refused write-back into the outbox again, due now (ms). */
  saveAgain(record: FailedWriteBack, filed: Filed, now: number): Promise<boolean>;
  /** Takes a failure of a campaign off the list for good; how its row is counted stays. */
  discard(campaign: string, record: FailedRecord, filed: Filed, why: Discard): Promise<boolean>;
}

/** A record of another time is of another failure of the same job: it is left to whoever asks for that one. */
const takeLua = `
local function take(receipt, failed, id, at)
  if redis.call('HGET', receipt, 'status') ~= 'running' then return false end
  local standing = redis.call('HGET', failed, id)
  if not standing or cjson.decode(standing).at ~= tonumber(at) then return false end
  redis.call('HDEL', failed, id)
  redis.call('HINCRBY', receipt, 'done', 1)
  return true
end`;

const reopenScript = `${takeLua}${parkLua}${timelineLua}
local campaign, settled, flight, failed, parked, receipt = unpack(KEYS)
local id, at, row, state, job = unpack(ARGV)
if not take(receipt, failed, id, at) then return 0 end
redis.call('SETBIT', settled, row, 0)
redis.call('HINCRBY', campaign, state, -1)
if redis.call('GET', flight) == '?' .. id then redis.call('DEL', flight) end
park(campaign, parked, id, job)
notePeople(7, 6, campaign)
return 1`;

const saveAgainScript = `${takeLua}${timelineLua}
local campaign, failed, outbox, due, receipt = unpack(KEYS)
local id, at, entry, now = unpack(ARGV)
if not take(receipt, failed, id, at) then return 0 end
redis.call('HINCRBY', campaign, 'unsaved', -1)
redis.call('HSET', outbox, id, entry)
redis.call('ZADD', due, now, id)
notePeople(6, 5, campaign)
return 1`;

const discardScript = `${takeLua}${timelineLua}
local failed, discarded, receipt, campaign = unpack(KEYS)
local id, at, record = unpack(ARGV)
if not take(receipt, failed, id, at) then return 0 end
redis.call('HSET', discarded, id, record)
notePeople(5, 4, campaign)
return 1`;

/** `people`: absent where no index of them is kept. */
export function makeFailureActions(
  redis: RedisConnection,
  keys: LedgerKeys,
  people?: TimelineWrites,
): FailureActions {
  const reopen = defineScript(redis, 'reopenJob', reopenScript);
  const saveAgain = defineScript(redis, 'saveAgain', saveAgainScript);
  const discard = defineScript(redis, 'discardFailure', discardScript);

  return {
    async reopen({ job, state, at }, { cause, bulkAction }, as = job) {
      const { campaign, id, row } = job;
      const notes = notesOf(people, [timelineEntryOf(job, { what: 'act', note: bulkAction })]);
      const reply = await reopen(
        [
          keys.campaign(campaign),
          keys.settled(campaign),
          keys.flight(job),
          keys.failed(campaign, cause),
          keys.parked(campaign),
          keys.bulkAction(bulkAction),
          ...notes.keys,
        ],
        [id, at, row, state, parkedForm({ ...as, tried: 0, latestProgram: true }), ...notes.args],
      );
      return reply === 1;
    },
    async saveAgain({ writeBack, at }, { cause, bulkAction }, now) {
      const { campaign, id } = writeBack;
      const notes = notesOf(people, [timelineEntryOfWriteBack(writeBack, { what: 'act', note: bulkAction })]);
      const reply = await saveAgain(
        [
          keys.campaign(campaign),
          keys.failed(campaign, cause),
          keys.outbox,
          keys.outboxDue,
          keys.bulkAction(bulkAction),
          ...notes.keys,
        ],
        [id, at, JSON.stringify({ ...writeBack, refusals: 0 }), now, ...notes.args],
      );
      return reply === 1;
    },
    async discard(campaign, record, { cause, bulkAction }, why) {
      const discarded: DiscardedRecord = { ...record, discard: why };
      const notes = notesOf(people, newsOfRecord(record, { what: 'act', note: bulkAction }));
      const reply = await discard(
        [
          keys.failed(campaign, cause),
          keys.discarded(campaign),
          keys.bulkAction(bulkAction),
          keys.campaign(campaign),
          ...notes.keys,
        ],
        [jobIdOf(record) ?? rowOf(record), record.at, JSON.stringify(discarded), ...notes.args],
      );
      return reply === 1;
    },
  };
}

/** A row that was turned away at the door is nobody's. */
function newsOfRecord(record: FailedRecord, news: Pick<TimelineEntry, 'what' | 'note'>): TimelineEntry[] {
  if ('job' in record) return [timelineEntryOf(record.job, news)];
  return 'writeBack' in record ? [timelineEntryOfWriteBack(record.writeBack, news)] : [];
}
