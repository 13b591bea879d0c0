/**
 * The endings of a run. A final state is settled in the ledger; otherwise the in-flight claim is released and the
 * job is requeued or parked. Every function returns the outcome of the run.
 */

import { failure, failureKinds, type Failure } from '../domain/failures/failure.ts';
import { type Outcome, type SkipReason, verdictOn, type WaitReason } from '../domain/jobs/outcome.ts';
import type { IssuedCard, QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Program } from '../domain/jobs/program.ts';
import { jittered, retryDelay } from '../domain/jobs/retry.ts';
import type { Claim, ClaimAnswer, ClaimStage, Settlement } from '../domain/jobs/settlement.ts';
import type { Clock } from '../kit/clock.ts';
import type { Ledger } from './ledger.ts';
import { type CallSuccess, createsPaused } from './pass-calls.ts';
import { isTooLate } from './safeguards.ts';
import { dataHashWriteBack, writeBackOf } from './write-back.ts';

interface EndingsOptions {
  ledger: Ledger;
  /** Delays between attempts, ms. There is one attempt more than delays. */
  retryDelaysMs: readonly number[];
  /** Whether a create that may have been made is held for an operator or made again. */
  onUnknown: 'hold' | 'retry';
  /** Called if a claim is refused because creates are in doubt. */
  doubtCreates: () => void;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
}

/** One run of a job. */
export interface Run {
  job: QueuedJob;
  /** The number of this attempt, starting at 1. */
  attempt: number;
  /** How far the claim of this run got; undefined if it holds none. */
  stage?: ClaimStage;
  /** When the call may have left, ms since 1970; undefined if it was not made. */
  sentAt?: number;
}

/** Delays before a job is requeued if nothing says how long to wait. */
const WAIT_MS = 5000;
const CUSTOMER_BUSY_MS = 1000;
const UNCONFIRMED_MS = 2000;
const CREATES_PAUSED_MS = 500;
/** No call takes longer: PASSMACHINE_TIMEOUT_MS is at most this. */
const LONGEST_CALL_MS = 10_000;

export function makeEndings(options: EndingsOptions) {
  const { ledger, retryDelaysMs, onUnknown, doubtCreates, clock, random } = options;

  /** Claims the job, and ends a run whose claim is not granted. Returns the claim if the job may be sent. */
  const claim = async (run: Run, stage: ClaimStage, isTrial = false): Promise<Claim | { ended: Outcome }> => {
    const granted = await ledger.claim(run.job, { stage, repeatsUnknown: onUnknown === 'retry', isTrial });
    if (granted.answer !== 'go') return { ended: await refuse(run, granted.answer, granted.waitMs) };
    run.stage = stage;
    return granted;
  };

  const refuse = async (run: Run, answer: Exclude<ClaimAnswer, 'go'>, waitMs = 0): Promise<Outcome> => {
    switch (answer) {
      case 'settled':
        return { kind: 'skip', reason: 'settled' };
      case 'halted':
        return park(run);
      case 'customer-busy':
        return waitOutcome({ why: 'customer-busy' }, CUSTOMER_BUSY_MS);
      case 'change-waits':
        return waitOutcome({ why: 'customer-busy' }, Math.max(waitMs, CUSTOMER_BUSY_MS));
      case 'unconfirmed':
        return waitOutcome({ why: 'unconfirmed' }, UNCONFIRMED_MS);
      case 'gate':
        return { kind: 'wait', reason: { why: 'gate' }, delayMs: waitMs, pausesQueue: true };
      case 'creates-paused': {
        doubtCreates();
        const retryAfterMs = Math.max(waitMs, CREATES_PAUSED_MS);
        return wait(run, { why: 'failure', failure: createsPaused(retryAfterMs) }, retryAfterMs);
      }
      case 'has-card':
      case 'duplicate':
      case 'card-unknown':
      case 'superseded':
        return skip(run, answer);
      case 'sent-before':
        return fail(run, failure('PM_UNKNOWN_CRASH', 'the worker that sent it never settled it'));
    }
  };

  /**
   * Ends a run before its call. The claim comes first, as before a call: the campaign may be halted, or an earlier run
   * may have sent the job.
   */
  const endUnsent = async (run: Run, end: () => Promise<Outcome>): Promise<Outcome> => {
    const claimed = run.stage === undefined ? await claim(run, 'prepared') : undefined;
    return claimed !== undefined && 'ended' in claimed ? claimed.ended : end();
  };

  /** The job waits outside the queue, with its attempts, until its campaign is resumed. */
  const park = async ({ job }: Run): Promise<Outcome> => {
    const result = await ledger.park(job);
    switch (result) {
      case 'parked':
        return { kind: 'parked' };
      case 'settled':
        return { kind: 'skip', reason: 'settled' };
      case 'in-flight':
      case 'running':
        // The campaign was resumed at this moment.
        return waitOutcome({ why: 'resumed' }, 0);
    }
  };

  /** `why`: the template's own reason. */
  const skip = async (run: Run, reason: SkipReason, why = ''): Promise<Outcome> => {
    const detail = why === '' ? {} : { why };
    return record(run, { state: 'skipped', reason, ...detail }, { kind: 'skip', reason, ...detail });
  };

  /** Records a final state. Returns the outcome that the ledger confirms, which may be another. */
  const record = async ({ job }: Run, settlement: Settlement, outcome: Outcome): Promise<Outcome> => {
    const result = await ledger.settle(job, settlement);
    switch (result.kind) {
      case 'recorded':
        return outcome.kind === 'done' && result.replaced !== undefined
          ? { ...outcome, replaced: result.replaced }
          : outcome;
      case 'repeated':
        return outcome;
      case 'stands':
        return { kind: 'skip', reason: 'settled' };
      case 'second-card': {
        const answer = outcome.kind === 'done' && result.isNewest ? outcome.answer : undefined;
        return { kind: 'second-card', failure: result.failure, ...(answer !== undefined && { answer }) };
      }
    }
  };

  /** Releases the claim, if there is one. `why`: the failure of the call. */
  const release = async (run: Run, why?: Failure, retryMs?: number): Promise<void> => {
    if (run.stage === undefined) return;
    await ledger.release(run.job, why, retryMs);
    delete run.stage;
  };

  /** Releases the claim; the job is requeued without using an attempt. */
  const wait = async (run: Run, reason: WaitReason, delayMs: number): Promise<Outcome> => {
    await release(run);
    return waitOutcome(reason, delayMs);
  };

  const succeed = async (run: Run, program: Program, success: Success): Promise<Outcome> => {
    const { job, attempt } = run;
    const { pass, notified, voucher } = success;
    if (pass === undefined) {
      const writeBack = dataHashWriteBack(job);
      const settlement: Settlement = {
        state: 'done',
        notified,
        ...(writeBack !== undefined && { writeBack }),
      };
      return record(run, settlement, { kind: 'done' });
    }
    const { passId, link, answer } = pass;
    const issuedAt = Math.floor(answeredAt(run) / 1000);
    const card: IssuedCard = { passId, issuedAt, ...(link !== undefined && { link }) };
    const rendered = writeBackOf(job, program, card, { answer, voucher });
    const settlement: Settlement = rendered.ok
      ? { state: 'done', card, ...(rendered.writeBack !== undefined && { writeBack: rendered.writeBack }) }
      : {
          state: 'done',
          card,
          writeBackFailure: { failure: rendered.failure, attempts: attempt, at: clock() },
        };
    return record(run, settlement, { kind: 'done', answer });
  };

  /** A process that was stopped reads an answer late; by the time of reading, its card would look newer than it is. */
  const answeredAt = ({ sentAt = Infinity }: Run): number => Math.min(clock(), sentAt + LONGEST_CALL_MS);

  /** Settles a failed attempt, or releases the claim if another attempt follows. */
  const fail = async (run: Run, why: Failure): Promise<Outcome> => {
    const { job } = run;
    switch (verdictOn(why, job.action)) {
      case 'reject':
        return recordFailed(run, 'rejected', why);
      case 'wait':
        return waitAfter(run, why);
      case 'unknown':
        if (onUnknown === 'retry') return retry(run, why);
        return recordFailed(run, 'unknown', why);
      case 'retry':
        return retry(run, why);
    }
  };

  const waitAfter = async (run: Run, why: Failure): Promise<Outcome> => {
    if (why.code === 'PROCESS_STOPPING') return wait(run, { why: 'stopping' }, 0);
    const delayMs = why.retryAfterMs ?? jittered(WAIT_MS, random());
    await release(run, why, delayMs);
    return {
      kind: 'wait',
      reason: { why: 'failure', failure: why },
      delayMs,
      pausesQueue: failureKinds[why.code].repeat === 'pause',
    };
  };

  const retry = async (run: Run, why: Failure): Promise<Outcome> => {
    const { job, attempt } = run;
    const delayMs = retryDelay(attempt, retryDelaysMs, random(), why.retryAfterMs);
    if (delayMs === undefined) {
      return recordFailed(run, 'failed', why);
    }
    if (isTooLate(job, clock() + delayMs)) return skip(run, 'too-late');
    await release(run, why, delayMs);
    return { kind: 'retry', failure: why, delayMs };
  };

  const recordFailed = async (
    run: Run,
    state: 'rejected' | 'failed' | 'unknown',
    why: Failure,
  ): Promise<Outcome> => {
    const kind = state === 'unknown' ? 'unknown' : 'reject';
    const settlement: Settlement = { state, failure: why, attempts: run.attempt, at: clock() };
    return record(run, settlement, { kind, failure: why });
  };

  /** Ends a run that threw because of a bug: it is not known whether a call that was sent was made. */
  const crash = async (run: Run, error: unknown): Promise<Outcome> => {
    const message = error instanceof Error ? error.message : String(error);
    if (run.sentAt !== undefined && run.job.action === 'create' && onUnknown === 'hold') {
      return fail(run, failure('PM_UNKNOWN_CRASH', message));
    }
    const retryBug = () => retry(run, failure('JOB_BUG', message));
    return run.sentAt === undefined ? endUnsent(run, retryBug) : retryBug();
  };

  return { claim, endUnsent, release, skip, wait, succeed, fail, crash };
}

type Success = CallSuccess & { notified: boolean; voucher: string | undefined };

/** The outcome of a job that is requeued without using an attempt. */
function waitOutcome(reason: WaitReason, delayMs: number): Outcome {
  return { kind: 'wait', reason, delayMs, pausesQueue: false };
}
