/**
 * The facts about single jobs. Claim and settle are one atomic script each and the first writer
 * wins, so a job that runs twice, whoever died in between, is counted once and makes one card.
 */

import { randomUUID } from 'node:crypto';
import { queueId } from '../job/job-id.ts';
import { type Failure, failureKinds } from '../job/failure.ts';
import type { SkipReason } from '../job/outcome.ts';
import type { IssuedCard, PassJob } from '../job/pass-job.ts';
import { newsOf } from '../job/person.ts';
import type { Claim, ClaimAnswer, Settlement } from '../job/settlement.ts';
import type { WriteBack } from '../job/write-back.ts';
import type { Clock } from '../kit/clock.ts';
import { defineScript, type RedisConnection } from '../kit/redis.ts';
import { defineConfirmedScript, NotConfirmed, type Replicas } from '../kit/replicas.ts';
import type { FailedJob } from '../job/failed.ts';
import { filingOf } from './causes.ts';
import { claimScript } from './claim-script.ts';
import { holderLua } from './flight.ts';
import type { LedgerKeys } from './keys.ts';
import { notePersonLua, notesOf, type PeopleNotes } from './people-notes.ts';
import { settleScript } from './settle-script.ts';

export interface JobLedger {
  /** `nonce`: of a claim that is asked for again before anything was sent by it. */
  claim(job: PassJob, nonce?: string): Promise<Claim>;
  /** Whether the job was claimed, and neither settled nor released since. */
  isOut(job: PassJob): Promise<boolean>;
  /** Lets go of the customer without a final state: the job comes back later. `why`: where a call failed. */
  release(job: PassJob, why?: Failure): Promise<void>;
  /** Records a final state once; false when the job had one already. */
  settle(job: PassJob, settlement: Settlement): Promise<boolean>;
}

const isOutScript = `${holderLua}
return holder(KEYS[1]) == ARGV[1] and 1 or 0`;

const releaseScript = `${holderLua}${notePersonLua}
if holder(KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  notePeople(3, 2, KEYS[2])
end`;

/** Takes back the mark of this very claim; one that stood before it may be of a call that was made. */
const withdrawScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] .. '#' .. ARGV[2] then redis.call('DEL', KEYS[1]) end`;

/** A change that is out longer has died with its worker; making it again does no harm. */
const CHANGE_TTL_MS = 60_000;

interface JobLedgerOptions {
  /** How long a card counts as fresh, and an unsettled call as out. */
  cardTtlMs: number;
  /** Absent where no index of people is kept. */
  people?: PeopleNotes | undefined;
  /** Those that have to have the mark before a card is asked for; absent for none. */
  replicas?: Replicas | undefined;
  clock: Clock;
}

export function makeJobLedger(
  redis: RedisConnection,
  keys: LedgerKeys,
  options: JobLedgerOptions,
): JobLedger {
  const { cardTtlMs, people, replicas, clock } = options;
  const claim = defineScript(redis, 'claimJob', claimScript);
  const claimSafely = defineConfirmedScript(redis, replicas, 'claimJob', claimScript);
  const withdraw = defineScript(redis, 'withdrawClaim', withdrawScript);
  const isOut = defineScript(redis, 'isJobOut', isOutScript);
  const release = defineScript(redis, 'releaseJob', releaseScript);
  const settle = defineScript(redis, 'settleJob', settleScript);

  return {
    async claim(job, nonce = randomUUID()) {
      const unconfirmed = async (error: unknown) => {
        if (!(error instanceof NotConfirmed)) throw error;
        await withdraw([keys.flight(job)], [queueId(job), nonce]);
        return 'unconfirmed';
      };
      // A change may be made twice, a card must not.
      const reply = (await (job.action === 'create' ? claimSafely : claim)(
        [
          keys.campaign(job.campaign),
          keys.settled(job.campaign),
          keys.flight(job),
          keys.card(job),
          keys.gate,
        ],
        [
          queueId(job),
          nonce,
          job.row,
          job.action === 'create' ? 1 : 0,
          job.replaces === true ? 1 : 0,
          job.action === 'create' ? cardTtlMs : CHANGE_TTL_MS,
        ],
      ).catch(unconfirmed)) as ClaimAnswer | [ClaimAnswer, string | null, number?];
      if (!Array.isArray(reply)) return { answer: reply, nonce };
      const [answer, programVersion, waitMs] = reply;
      return {
        answer,
        nonce,
        ...(programVersion !== null && { programVersion }),
        ...(waitMs !== undefined && { waitMs }),
      };
    },
    isOut: async (job) => (await isOut([keys.flight(job)], [queueId(job)])) === 1,
    async release(job, why) {
      const wasCalled = why !== undefined && failureKinds[why.code].stage !== 'before';
      const tried = wasCalled ? [newsOf(job, { what: 'tried', note: why.code })] : [];
      const notes = notesOf(people, tried);
      await release(
        [keys.flight(job), keys.campaign(job.campaign), ...notes.keys],
        [queueId(job), ...notes.args],
      );
    },
    async settle(job, settlement) {
      const { card, rang = false, writeBack, failed, skipped, note } = factsOf(job, settlement);
      const now = clock();
      const filing = failed === undefined ? undefined : filingOf(keys, job.campaign, failed.failure);
      const passId = card === undefined ? {} : { passId: card.passId };
      const news = [newsOf(job, { what: settlement.state, note, ...passId })];
      if (failed?.state === 'done') news.push(newsOf(job, { what: 'unsaved', note: failed.failure.code }));
      const notes = notesOf(people, news);
      const first = await settle(
        [
          keys.campaign(job.campaign),
          keys.settled(job.campaign),
          keys.flight(job),
          keys.card(job),
          keys.outbox,
          keys.outboxDue,
          keys.loose(job.campaign),
          // Without a reason the script leaves it alone, but it wants a name.
          keys.skipped(job.campaign, skipped ?? 'has-card'),
          keys.rings(job),
          ...(filing?.keys ?? []),
          ...notes.keys,
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
          ...(filing?.args ?? []),
          ...notes.args,
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
    case 'skipped': {
      const { reason, why = '' } = settlement;
      return { note: why === '' ? reason : `${reason}: ${why}`, skipped: reason };
    }
  }
}
