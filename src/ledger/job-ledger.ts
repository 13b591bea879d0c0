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
import { claimScript } from './claim-script.ts';
import { holderLua } from './flight.ts';
import type { LedgerKeys } from './keys.ts';
import type { PeopleIndex } from './people.ts';
import { settleScript } from './settle-script.ts';

export interface JobLedger {
  claim(job: PassJob): Promise<Claim>;
  /** Whether the job was claimed, and neither settled nor released since. */
  isOut(job: PassJob): Promise<boolean>;
  /** Lets go of the customer without a final state: the job comes back later. */
  release(job: PassJob): Promise<void>;
  /** Records a final state once; false when the job had one already. */
  settle(job: PassJob, settlement: Settlement): Promise<boolean>;
}

const isOutScript = `${holderLua}
return holder(KEYS[1]) == ARGV[1] and 1 or 0`;

const releaseScript = `${holderLua}
if holder(KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

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
          keys.loose(job.campaign),
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
