/**
 * The facts about single jobs. Claim and settle are one atomic script each and the first writer
 * wins, so a job that runs twice, whoever died in between, is counted once and makes one card.
 */

import type { Redis } from 'ioredis';
import type { SkipReason } from '../job/outcome.ts';
import type { IssuedCard, PassJob } from '../job/pass-job.ts';
import type { Claim, Settlement } from '../job/settlement.ts';
import type { WriteBack } from '../job/write-back.ts';
import type { Clock } from '../kit/clock.ts';
import { defineScript } from '../kit/redis.ts';
import type { FailedJob } from '../job/failed.ts';
import type { LedgerKeys } from './keys.ts';
import { notePersonLua, type PeopleIndex } from './people.ts';

export interface JobLedger {
  claim(job: PassJob): Promise<Claim>;
  /** Whether the job was claimed for a create, and neither settled nor released since. */
  isOut(job: PassJob): Promise<boolean>;
  /** Lets go of the customer without a final state: the job comes back later. */
  release(job: PassJob): Promise<void>;
  /** Records a final state once; false when the job had one already. */
  settle(job: PassJob, settlement: Settlement): Promise<boolean>;
}

const claimScript = `
local campaign, settled, flight, card = unpack(KEYS)
local job, row, creates, replaces, ttl = unpack(ARGV)
if redis.call('GETBIT', settled, row) == 1 then return 'settled' end
local status, serial = unpack(redis.call('HMGET', campaign, 'status', 'serial'))
if status == 'paused' or status == 'held' then return 'paused' end
if status == 'stopped' then return 'stopped' end
if creates == '0' then return 'go' end
local out = redis.call('GET', flight)
if out == job then return 'sent-before' end
if out then return out:sub(1, 1) == '?' and 'card-unknown' or 'customer-busy' end
local madeBy = redis.call('GET', card)
if madeBy and madeBy == serial then return 'duplicate' end
if madeBy and replaces == '0' then return 'has-card' end
redis.call('SET', flight, job, 'PX', ttl)
return 'go'`;

const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

const settleScript = `${notePersonLua}
local campaign, settled, flight, card, outbox, outboxDue, failed, skipped, people, byEmail, byCard = unpack(KEYS)
local job, row, state, ttl, hasCard, writeBack, now, failure, reason, expireAt = unpack(ARGV)
if redis.call('SETBIT', settled, row, 1) == 1 then return 0 end
redis.call('HINCRBY', campaign, state, 1)
if redis.call('GET', flight) == job then
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
  redis.call('ZADD', outboxDue, now, job)
  redis.call('HINCRBY', campaign, 'saves', 1)
end
if failure ~= '' then
  redis.call('HSET', failed, job, failure)
  if state == 'done' then
    redis.call('HINCRBY', campaign, 'saves', 1)
    redis.call('HINCRBY', campaign, 'unsaved', 1)
  end
end
if expireAt then notePerson(people, byEmail, byCard, unpack(ARGV, 10)) end
return 1`;

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
  const release = defineScript(redis, 'releaseJob', releaseScript);
  const settle = defineScript(redis, 'settleJob', settleScript);

  return {
    async claim(job) {
      return (await claim(
        [keys.campaign(job.campaign), keys.settled(job.campaign), keys.flight(job), keys.card(job)],
        [job.id, job.row, job.action === 'create' ? 1 : 0, job.replaces === true ? 1 : 0, cardTtlMs],
      )) as Claim;
    },
    isOut: async (job) => (await redis.get(keys.flight(job))) === job.id,
    async release(job) {
      if (job.action === 'create') await release([keys.flight(job)], [job.id]);
    },
    async settle(job, settlement) {
      const { card, writeBack, failed, skipped, note } = factsOf(job, settlement);
      const person = people?.note(job, settlement.state, note, clock());
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
          ...(person?.keys ?? []),
        ],
        [
          job.id,
          job.row,
          settlement.state,
          cardTtlMs,
          card === undefined ? 0 : 1,
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
  writeBack?: WriteBack | undefined;
  failed?: FailedJob;
  skipped?: SkipReason;
  /** For the person's timeline. */
  note: string;
}

function factsOf(job: PassJob, settlement: Settlement): Facts {
  switch (settlement.state) {
    case 'done': {
      const { card } = settlement;
      const note = card?.passId ?? '';
      return 'unsaved' in settlement
        ? { card, note, failed: { job, state: 'done', ...settlement.unsaved } }
        : { card, note, writeBack: settlement.writeBack };
    }
    case 'rejected':
    case 'failed':
    case 'unknown':
      return { note: settlement.failure.code, failed: { job, ...settlement } };
    case 'skipped':
      return { note: settlement.reason, skipped: settlement.reason };
    case 'stopped':
      return { note: '' };
  }
}
