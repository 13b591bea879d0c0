/**
 * The endings of a run. A final state is settled in the ledger; otherwise the in-flight claim is released and the
 * job is requeued or parked. Every function returns the outcome of the run.
 */

import { failure, failureKinds, type Failure } from '../domain/failures/failure.ts';
import { type Outcome, type SkipReason, verdictOn, type WaitReason } from '../domain/jobs/outcome.ts';
import type { IssuedCard, QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Program } from '../domain/jobs/program.ts';
import { jittered, retryDelay } from '../domain/jobs/retry.ts';
import type { Claim, Settlement } from '../domain/jobs/settlement.ts';
import { type Clock, unixSeconds } from '../kit/clock.ts';
import type { Ledger } from './ledger.ts';
import type { CallSuccess } from './pass-calls.ts';
import { isTooLate } from './safeguards.ts';
import { dataHashWriteBack, writeBackOf } from './write-back.ts';

interface EndingsOptions {
  ledger: Ledger;
  /** Delays between attempts, ms. There is one attempt more than delays. */
  retryDelaysMs: readonly number[];
  /** Whether a create that may have been made is held for an operator or made again. */
  onUnknown: 'hold' | 'retry';
  /** Called when the campaign may have been paused or the gate closed, so that existing claims must be repeated. */
  onClaimsInvalidated: () => void;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
}

/** One run of a job. */
export interface Run {
  job: QueuedJob;
  /** The number of this attempt, starting at 1. */
  attempt: number;
}

/** Delays before a job is requeued if nothing says how long to wait. */
const WAIT_MS = 5000;
const CUSTOMER_BUSY_MS = 1000;
const UNCONFIRMED_MS = 2000;

export function makeEndings(options: EndingsOptions) {
  const { ledger, retryDelaysMs, onUnknown, onClaimsInvalidated, clock, random } = options;

  /** Ends a run whose claim was not granted; undefined if the job may be sent. */
  const refusedClaim = async (run: Run, { answer, waitMs = 0 }: Claim): Promise<Outcome | undefined> => {
    switch (answer) {
      case 'go':
        return undefined;
      case 'settled':
        return { kind: 'skip', reason: 'settled' };
      case 'halted':
        return park(run);
      case 'customer-busy':
        return waitOutcome({ why: 'customer-busy' }, CUSTOMER_BUSY_MS);
      case 'unconfirmed':
        return waitOutcome({ why: 'unconfirmed' }, UNCONFIRMED_MS);
      case 'gate':
        return { kind: 'wait', reason: { why: 'gate' }, delayMs: waitMs, pausesQueue: true };
      case 'has-card':
      case 'duplicate':
      case 'card-unknown':
        return skip(run, answer);
      case 'sent-before':
        if (onUnknown === 'retry') return undefined;
        return fail(run, failure('PM_UNKNOWN_CRASH', 'the worker that sent it never settled it'));
    }
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
  const skip = async ({ job }: Run, reason: SkipReason, why = ''): Promise<Outcome> => {
    const detail = why === '' ? {} : { why };
    await ledger.settle(job, { state: 'skipped', reason, ...detail });
    return { kind: 'skip', reason, ...detail };
  };

  /** Releases the claim; the job is requeued without using an attempt. */
  const wait = async ({ job }: Run, reason: WaitReason, delayMs: number): Promise<Outcome> => {
    await ledger.release(job);
    return waitOutcome(reason, delayMs);
  };

  const succeed = async (run: Run, program: Program, success: Success): Promise<Outcome> => {
    const { job, attempt } = run;
    const { pass, notified, voucher } = success;
    if (pass === undefined) {
      const writeBack = dataHashWriteBack(job, clock());
      await ledger.settle(job, { state: 'done', notified, ...(writeBack !== undefined && { writeBack }) });
      return { kind: 'done' };
    }
    const { passId, link, answer } = pass;
    const card: IssuedCard = { passId, issuedAt: unixSeconds(clock), ...(link !== undefined && { link }) };
    const rendered = writeBackOf(job, program, card, { answer, voucher, now: clock() });
    await ledger.settle(
      job,
      rendered.ok
        ? { state: 'done', card, ...(rendered.writeBack !== undefined && { writeBack: rendered.writeBack }) }
        : {
            state: 'done',
            card,
            writeBackFailure: { failure: rendered.failure, attempts: attempt, at: clock() },
          },
    );
    return { kind: 'done', answer };
  };

  /** Settles a failed attempt, or releases the claim if another attempt follows. */
  const fail = async (run: Run, why: Failure): Promise<Outcome> => {
    const { job } = run;
    switch (verdictOn(why, job.action)) {
      case 'reject':
        await settleFailed(run, 'rejected', why);
        return { kind: 'reject', failure: why };
      case 'wait':
        return waitAfter(run, why);
      case 'unknown':
        if (onUnknown === 'retry') return retry(run, why);
        await settleFailed(run, 'unknown', why);
        return { kind: 'unknown', failure: why };
      case 'retry':
        return retry(run, why);
    }
  };

  const waitAfter = async (run: Run, why: Failure): Promise<Outcome> => {
    if (why.code === 'PROCESS_STOPPING') return wait(run, { why: 'stopping' }, 0);
    const { job } = run;
    const pausesQueue = failureKinds[why.code].repeat === 'pause';
    if (pausesQueue) onClaimsInvalidated();
    await ledger.release(job, why);
    return {
      kind: 'wait',
      reason: { why: 'failure', failure: why },
      delayMs: why.retryAfterMs ?? jittered(WAIT_MS, random()),
      pausesQueue,
    };
  };

  const retry = async (run: Run, why: Failure): Promise<Outcome> => {
    const { job, attempt } = run;
    const delayMs = retryDelay(attempt, retryDelaysMs, random(), why.retryAfterMs);
    if (delayMs === undefined) {
      await settleFailed(run, 'failed', why);
      return { kind: 'reject', failure: why };
    }
    if (isTooLate(job, clock() + delayMs)) return skip(run, 'too-late');
    await ledger.release(job, why);
    return { kind: 'retry', failure: why, delayMs };
  };

  /** The failure may have paused the campaign: see `pauseAt`. */
  const settleFailed = async (
    { job, attempt }: Run,
    state: 'rejected' | 'failed' | 'unknown',
    why: Failure,
  ): Promise<void> => {
    const settlement: Settlement = { state, failure: why, attempts: attempt, at: clock() };
    await ledger.settle(job, settlement);
    onClaimsInvalidated();
  };

  /** Ends a run that threw because of a bug: it is not known whether the call was made. */
  const crash = async (run: Run, error: unknown): Promise<Outcome> => {
    const { job } = run;
    const message = error instanceof Error ? error.message : String(error);
    const maybeSent = job.action === 'create' && onUnknown === 'hold' && (await ledger.isClaimed(job));
    return maybeSent
      ? fail(run, failure('PM_UNKNOWN_CRASH', message))
      : retry(run, failure('JOB_BUG', message));
  };

  return { refusedClaim, skip, wait, succeed, fail, crash };
}

type Success = CallSuccess & { notified: boolean; voucher: string | undefined };

/** The outcome of a job that is requeued without using an attempt. */
function waitOutcome(reason: WaitReason, delayMs: number): Outcome {
  return { kind: 'wait', reason, delayMs, pausesQueue: false };
}
