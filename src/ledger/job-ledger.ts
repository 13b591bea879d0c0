/**
 * The facts about single jobs. Claim and settle are one atomic script each and the first writer
 * wins, so a job that runs twice, whoever died in between, is counted once and makes one card.
 */

import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { queueId } from '../job/job-id.ts';
import type { SkipReason } from '../job/outcome.ts';
import type { IssuedCard, PassJob } from '../job/pass-job.ts';
import type { Claim, Settlement } from '../job/settlement.ts';
import type { WriteBack } from '../job/write-back.ts';
import type { Clock } from '../kit/clock.ts';
import { defineScript } from '../kit/redis.ts';
import type { FailedJob } from '../job/failed.ts';
import { failureGuardLua } from './failure-guard.ts';
import { holderLua } from './flight.ts';
import type { LedgerKeys } from './keys.ts';
import { notePersonLua, type PeopleIndex } from './people.ts';
import { noteRingLua } from './rings.ts';

export interface JobLedger {
  claim(job: PassJob): Promise<Claim>;
  /** Whether the job was claimed, and neither settled nor released since. */
  isOut(job: PassJob): Promise<boolean>;
  /** Lets go of the customer without a final state: the job comes back later. */
  release(job: PassJob): Promise<void>;
  /** Records a final state once; false when the job had one already. */
  settle(job: PassJob, settlement: Settlement): Promise<boolean>;
}

const claimScript = `${holderLua}
local campaign, settled, flight, card = unpack(KEYS)
local me, nonce, row, creates, replaces, ttl = unpack(ARGV)
local mark = me .. '#' .. nonce
if redis.call('GETBIT', settled, row) == 1 then return 'settled' end
local out, standing = holder(flight)
-- This very claim, asked again because Redis died before it could answer.
if standing == mark then return 'go' end
if out == me and creates == '1' then return 'sent-before' end
local status, serial = unpack(redis.call('HMGET', campaign, 'status', 'serial'))
if status and status ~= 'running' then
  if out == me then redis.call('DEL', flight) end
  return 'halted'
end
if out and out ~= me then return out:sub(1, 1) == '?' and 'card-unknown' or 'customer-busy' end
if creates == '1' then
  local madeBy = redis.call('GET', card)
  if madeBy and madeBy == serial then return 'duplicate' end
  if madeBy and replaces == '0' then return 'has-card' end
end
redis.call('SET', flight, mark, 'PX', ttl)
return 'go'`;

const isOutScript = `${holderLua}
return holder(KEYS[1]) == ARGV[1] and 1 or 0`;

const releaseScript = `${holderLua}
if holder(KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

const settleScript = `${holderLua}${failureGuardLua}${noteRingLua}${notePersonLua}
local campaign, settled, flight, card, outbox, outboxDue, failed, skipped, rings, people, byEmail, byCard = unpack(KEYS)
local me, job, row, state, now, ttl, hasCard, rang, writeBack, due, failure, reason, expireAt = unpack(ARGV)
if redis.call('SETBIT', settled, row, 1) == 1 then return 0 end
redis.call('HINCRBY', campaign, state, 1)
if holder(flight) == me then
  if state == 'unknown' then redis.call('SET', flight, '?' .. job, 'PX', ttl)
  else redis.call('DEL', flight) end
end
if hasCard == '1' then
  redis.call('SET', card, redis.call('HGET', campaign, 'serial') or 0, 'PX', ttl)
end
if reason ~= '' then
  redis.call('SETBIT', skipped, row, 1)
  redis.call('HINCRBY', campaign, 'skipped:' .. reason, 1)
end
if writeBack ~= '' then
  redis.call('HSET', outbox, job, writeBack)
  redis.call('ZADD', outboxDue, due, job)
  redis.call('HINCRBY', campaign, 'saves', 1)
end
if failure ~= '' then
  redis.call('HSET', failed, job, failure)
  if state == 'done' then
    redis.call('HINCRBY', campaign, 'saves', 1)
    redis.call('HINCRBY', campaign, 'unsaved', 1)
  end
end
if rang == '1' then noteRing(rings, now) end
if state ~= 'done' and state ~= 'skipped' then guardFailures(campaign, now) end
if expireAt then notePerson(people, byEmail, byCard, unpack(ARGV, 13)) end
return 1`;

/** A change that is out longer has died with its worker; making it again does no harm. */
const CHANGE_TTL_MS = 60_000;

interface JobLedgerOptions {
  /** How long a card counts as fresh, and an unsettled call as out. */
  cardTtlMs: number;
  /** Absent where no index of people is kept. */
  people?: Pick<PeopleIndex, 'note'> | undefined;
  clock: Clock;
}

export function makeJobLedger(redis: Redis, keys: LedgerKeys, options: JobLedgerOptions): JobLedger {
  const { cardTtlMs, people, clock } = options;
  const claim = defineScript(redis, 'claimJob', claimScript);
  const isOut = defineScript(redis, 'isJobOut', isOutScript);
  const release = defineScript(redis, 'releaseJob', releaseScript);
  const settle = defineScript(redis, 'settleJob', settleScript);

  return {
    async claim(job) {
      return (await claim(
        [keys.campaign(job.campaign), keys.settled(job.campaign), keys.flight(job), keys.card(job)],
        [
          queueId(job),
          randomUUID(),
          job.row,
          job.action === 'create' ? 1 : 0,
          job.replaces === true ? 1 : 0,
          job.action === 'create' ? cardTtlMs : CHANGE_TTL_MS,
        ],
      )) as Claim;
    },
    isOut: async (job) => (await isOut([keys.flight(job)], [queueId(job)])) === 1,
    async release(job) {
      await release([keys.flight(job)], [queueId(job)]);
    },
    async settle(job, settlement) {
      const { card, rang = false, writeBack, failed, skipped, note } = factsOf(job, settlement);
      const now = clock();
      const person = people?.note(job, settlement.state, note, now);
      const first = await settle(
        [
          keys.campaign(job.campaign),
          keys.settled(job.campaign),
          keys.flight(job),
          keys.card(job),
          keys.outbox,
          keys.outboxDue,
          // Without a failure or a reason the script leaves these alone, but it wants their names.
          keys.failed(job.campaign, failed?.failure.code ?? 'JOB_BUG'),
          keys.skipped(job.campaign, skipped ?? 'has-card'),
          keys.rings(job),
          ...(person?.keys ?? []),
        ],
        [
          queueId(job),
          job.id,
          job.row,
          settlement.state,
          now,
          cardTtlMs,
          card === undefined ? 0 : 1,
          rang ? 1 : 0,
          writeBack === undefined ? '' : JSON.stringify(writeBack),
          writeBack?.at ?? 0,
          failed === undefined ? '' : JSON.stringify(failed),
          skipped ?? '',
          ...(person?.args ?? []),
        ],
      );
      return first === 1;
    },
  };
}

interface Facts {
  card?: IssuedCard | undefined;
  rang?: boolean;
  writeBack?: WriteBack | undefined;
  failed?: FailedJob;
  skipped?: SkipReason;
  /** For the person's timeline. */
  note: string;
}

function factsOf(job: PassJob, settlement: Settlement): Facts {
  switch (settlement.state) {
    case 'done': {
      const { card, rang = false } = settlement;
      const note = card?.passId ?? '';
      return 'unsaved' in settlement
        ? { card, rang, note, failed: { job, state: 'done', ...settlement.unsaved } }
        : { card, rang, note, writeBack: settlement.writeBack };
    }
    case 'rejected':
    case 'failed':
    case 'unknown':
      return { note: settlement.failure.code, failed: { job, ...settlement } };
    case 'skipped':
      return { note: settlement.reason, skipped: settlement.reason };
  }
}
