/**
 * The facts about single jobs. Claim and settle are one atomic script each and the first writer
 * wins, so a job that runs twice, whoever died in between, is counted once and makes one card.
 */

import { randomUUID } from 'node:crypto';
import { type Failure, failureKinds } from '../../domain/failures/failure.ts';
import type { SkipReason } from '../../domain/jobs/outcome.ts';
import { type IssuedCard, type PassJob, type QueuedJob, withoutStay } from '../../domain/jobs/pass-job.ts';
import { timelineEntryOf } from '../../domain/customers/timeline.ts';
import type { Claim, ClaimAnswer, Settlement } from '../../domain/jobs/settlement.ts';
import type { WriteBack } from '../../domain/jobs/write-back.ts';
import type { Clock } from '../../kit/clock.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { defineConfirmedScript, NotConfirmed, type Replicas } from '../../kit/redis/replicas.ts';
import type { FailedJob } from '../../domain/failures/failed.ts';
import { filingOf } from '../failures/causes.ts';
import { claimScript } from './claim-script.ts';
import { holderLua } from './in-flight-claim.ts';
import type { LedgerKeys } from '../keys.ts';
import { timelineLua, notesOf, type TimelineWrites } from '../customers/timeline-writes.ts';
import { settleScript } from './settle-script.ts';

export interface JobLedger {
  /** `nonce`: of a claim that is asked for again before anything was sent by it. */
  claim(job: QueuedJob, nonce?: string): Promise<Claim>;
  /** Whether the job was claimed, and neither settled nor released since. */
  isOut(job: QueuedJob): Promise<boolean>;
  /** How long (ms) ago each was claimed that is out; undefined for the others. */
  outFor(jobs: readonly QueuedJob[]): Promise<(number | undefined)[]>;
  /** Lets go of the customer without a final state: the job comes back later. `why`: where a call failed. */
  release(job: QueuedJob, why?: Failure): Promise<void>;
  /** Records a final state once; false when the job had one already. */
  settle(job: QueuedJob, settlement: Settlement): Promise<boolean>;
}

/** How long each of the marks still lives, ms; -1 where it is another's or none. */
const marksLeftScript = `${holderLua}
local left = {}
for nth, flight in ipairs(KEYS) do
  left[nth] = holder(flight) == ARGV[nth] and redis.call('PTTL', flight) or -1
end
return left`;

const releaseScript = `${holderLua}${timelineLua}
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
  people?: TimelineWrites | undefined;
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
  const marksLeft = defineScript(redis, 'marksLeft', marksLeftScript);
  const release = defineScript(redis, 'releaseJob', releaseScript);
  const settle = defineScript(redis, 'settleJob', settleScript);

  const markMs = ({ action }: PassJob) => (action === 'create' ? cardTtlMs : CHANGE_TTL_MS);

  const outFor: JobLedger['outFor'] = async (jobs) => {
    if (jobs.length === 0) return [];
    const left = (await marksLeft(
      jobs.map((job) => keys.flight(job)),
      jobs.map(({ stay }) => stay),
    )) as number[];
    return jobs.map((job, nth) => {
      const ms = left[nth] ?? -1;
      return ms < 0 ? undefined : Math.max(0, markMs(job) - ms);
    });
  };

  return {
    async claim(job, nonce = randomUUID()) {
      const unconfirmed = async (error: unknown) => {
        if (!(error instanceof NotConfirmed)) throw error;
        await withdraw([keys.flight(job)], [job.stay, nonce]);
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
          job.stay,
          nonce,
          job.row,
          job.action === 'create' ? 1 : 0,
          job.replaces === true ? 1 : 0,
          markMs(job),
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
    isOut: async (job) => (await outFor([job]))[0] !== undefined,
    outFor,
    async release(job, why) {
      const wasCalled = why !== undefined && failureKinds[why.code].stage !== 'before';
      const tried = wasCalled ? [timelineEntryOf(job, { what: 'tried', note: why.code })] : [];
      const notes = notesOf(people, tried);
      await release(
        [keys.flight(job), keys.campaign(job.campaign), ...notes.keys],
        [job.stay, ...notes.args],
      );
    },
    async settle(job, settlement) {
      const { card, notified = false, writeBack, failed, skipped, note } = factsOf(job, settlement);
      const now = clock();
      const filing = failed === undefined ? undefined : filingOf(keys, job.campaign, failed.failure);
      const passId = card === undefined ? {} : { passId: card.passId };
      const news = [timelineEntryOf(job, { what: settlement.state, note, ...passId })];
      if (failed?.state === 'done')
        news.push(timelineEntryOf(job, { what: 'unsaved', note: failed.failure.code }));
      const notes = notesOf(people, news);
      const first = await settle(
        [
          keys.campaign(job.campaign),
          keys.settled(job.campaign),
          keys.flight(job),
          keys.card(job),
          keys.outbox,
          keys.outboxDue,
          keys.pendingImport(job.campaign),
          // Without a reason the script leaves it alone, but it wants a name.
          keys.skipped(job.campaign, skipped ?? 'has-card'),
          keys.rings(job),
          ...(filing?.keys ?? []),
          ...notes.keys,
        ],
        [
          job.stay,
          job.id,
          job.row,
          settlement.state,
          now,
          cardTtlMs,
          card === undefined ? 0 : 1,
          notified ? 1 : 0,
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
  notified?: boolean;
  writeBack?: WriteBack | undefined;
  failed?: FailedJob;
  skipped?: SkipReason;
  /** For the person's timeline. */
  note: string;
}

function factsOf(queued: QueuedJob, settlement: Settlement): Facts {
  const job = withoutStay(queued);
  switch (settlement.state) {
    case 'done': {
      const { card, notified = false } = settlement;
      const note = card?.passId ?? '';
      return 'unsaved' in settlement
        ? { card, notified, note, failed: { job, state: 'done', ...settlement.unsaved } }
        : { card, notified, note, writeBack: settlement.writeBack };
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
