/**
 * What failed, by campaign and cause, with all that is needed to send it again. Reopening is one
 * atomic script per record: however often and from wherever it is asked for, it happens once.
 */

import type { Redis } from 'ioredis';
import type { FailureCode } from '../job/failure.ts';
import { defineScript } from '../kit/redis.ts';
import type { FailedJob, FailedRecord, FailedWriteBack } from '../job/failed.ts';
import type { LedgerKeys } from './keys.ts';
import { parkedForm, parkLua } from './parked-jobs.ts';

export interface FailureIndex {
  /** The records of one cause, in pages, in no order. One that is reopened meanwhile may be left out. */
  pages(campaign: string, code: FailureCode): AsyncIterable<FailedRecord[]>;
  /** Makes a failed job pending again and parks it, to be queued; false where somebody else did. */
  reopen(record: FailedJob): Promise<boolean>;
  /** Puts a refused write-back into the outbox again; false where somebody else did. */
  saveAgain(record: FailedWriteBack, now: number): Promise<boolean>;
}

const reopenScript = `${parkLua}
local campaign, settled, flight, failed, parked = unpack(KEYS)
local id, row, state, job = unpack(ARGV)
if redis.call('HDEL', failed, id) == 0 then return 0 end
redis.call('SETBIT', settled, row, 0)
redis.call('HINCRBY', campaign, state, -1)
if redis.call('GET', flight) == '?' .. id then redis.call('DEL', flight) end
park(campaign, parked, id, job)
return 1`;

const saveAgainScript = `
local campaign, failed, outbox, due = unpack(KEYS)
local id, entry, now = unpack(ARGV)
if redis.call('HDEL', failed, id) == 0 then return 0 end
redis.call('HINCRBY', campaign, 'unsaved', -1)
redis.call('HSET', outbox, id, entry)
redis.call('ZADD', due, now, id)
return 1`;

const PAGE = 200;

export function makeFailureIndex(redis: Redis, keys: LedgerKeys): FailureIndex {
  const reopen = defineScript(redis, 'reopenJob', reopenScript);
  const saveAgain = defineScript(redis, 'saveAgain', saveAgainScript);

  return {
    async *pages(campaign, code) {
      let cursor = '0';
      do {
        const [next, flat] = await redis.hscan(keys.failed(campaign, code), cursor, 'COUNT', PAGE);
        cursor = next;
        // Field, value, field, value, …
        yield flat.filter((_, index) => index % 2 === 1).map((value) => JSON.parse(value) as FailedRecord);
      } while (cursor !== '0');
    },
    async reopen({ job, state, failure }) {
      const { campaign, id, row } = job;
      const reply = await reopen(
        [
          keys.campaign(campaign),
          keys.settled(campaign),
          keys.flight(job),
          keys.failed(campaign, failure.code),
          keys.parked(campaign),
        ],
        [id, row, state, parkedForm({ ...job, tried: 0 })],
      );
      return reply === 1;
    },
    async saveAgain({ writeBack, failure }, now) {
      const { campaign, id } = writeBack;
      const reply = await saveAgain(
        [keys.campaign(campaign), keys.failed(campaign, failure.code), keys.outbox, keys.outboxDue],
        [id, JSON.stringify({ ...writeBack, refusals: 0 }), now],
      );
      return reply === 1;
    },
  };
}
