/**
 * What doing a job means: claim → render → call → settle. The claim lets one call per customer
 * out, the settlement counts it once, and every ending in between is one of the closed outcomes.
 */

import { failure, failureKinds, type Failure } from '../job/failure.ts';
import { type Outcome, type SkipReason, verdictOn } from '../job/outcome.ts';
import type { IssuedCard, PassJob } from '../job/pass-job.ts';
import type { Program } from '../job/program.ts';
import { jittered, retryDelay } from '../job/retry.ts';
import type { FailedAttempt } from '../job/settlement.ts';
import { type Clock, unixSeconds } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { isRedisRefusal } from '../kit/redis.ts';
import { type CallApi, type Called, makeCall } from './call.ts';
import { holdBack, isLate, type RingWait } from './hold-back.ts';
import { bodyOf, unknownSection } from './job-body.ts';
import { insistent, type Ledger } from './ledger.ts';
import { logLine } from './log-line.ts';
import { dataHashWriteBack, writeBackOf } from './write-back.ts';

interface HandlerOptions {
  ledger: Ledger;
  api: CallApi;
  programs: ReadonlyMap<string, Program>;
  ringWait: RingWait;
  /** Pauses between attempts, ms; one attempt more than there are pauses. */
  retryDelaysMs: readonly number[];
  /** What to do with a create that may have been made: hold it for a person, or make it again. */
  onUnknown: 'hold' | 'retry';
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  log: Logger;
}

/** How long a job steps back when it has to wait and nobody said for how long. */
const WAIT_MS = 5000;
const CUSTOMER_BUSY_MS = 1000;

/** Makes what does jobs. */
export function makeHandler(options: HandlerOptions) {
  const { api, programs, ringWait, retryDelaysMs, onUnknown, clock, random, log } = options;
  const ledger = insistent(options.ledger);
  const call = makeCall(api);

  const work = async (job: PassJob, attempt: number): Promise<Outcome> => {
    const refusal = await claim(job, attempt);
    if (refusal !== undefined) return refusal;
    const program = programs.get(job.program);
    if (program === undefined) return conclude(job, attempt, unknownSection(job));
    const held = await holdBack(job, clock(), ringWait);
    if (held?.kind === 'skip') return skip(job, held.reason);
    if (held?.kind === 'wait') {
      await ledger.release(job);
      return { kind: 'wait', reason: { why: held.why }, delayMs: held.delayMs, everyone: false };
    }
    const silent = held?.kind === 'silent';
    const body = bodyOf(job, program, { time: unixSeconds(clock), silent });
    if (!body.ok) return conclude(job, attempt, body.failure);
    if (body.text === undefined) return skip(job, 'rung-enough');
    const called = await call(job, body.text);
    if (!called.ok) return conclude(job, attempt, called.failure);
    return succeed(job, attempt, program, { ...called, rang: job.action === 'notify' && !silent });
  };

  /** Undefined when the job may go ahead. */
  const claim = async (job: PassJob, attempt: number): Promise<Outcome | undefined> => {
    const answer = await ledger.claim(job);
    switch (answer) {
      case 'go':
        return undefined;
      case 'settled':
        return { kind: 'skip', reason: 'settled' };
      case 'halted':
        return park(job, attempt);
      case 'customer-busy':
        return { kind: 'wait', reason: { why: 'customer-busy' }, delayMs: CUSTOMER_BUSY_MS, everyone: false };
      case 'has-card':
      case 'duplicate':
      case 'card-unknown':
        return skip(job, answer);
      case 'sent-before':
        if (onUnknown === 'retry') return undefined;
        return conclude(
          job,
          attempt,
          failure('PM_UNKNOWN_CRASH', 'the worker that sent it never settled it'),
        );
    }
  };

  /** Its campaign does not run: it waits outside the queue, with its attempts. */
  const park = async (job: PassJob, attempt: number): Promise<Outcome> => {
    const answer = await ledger.park(job, attempt - 1);
    switch (answer) {
      case 'parked':
        return { kind: 'parked' };
      case 'settled':
        return { kind: 'skip', reason: 'settled' };
      case 'out':
      case 'running':
        // Resumed this very moment.
        return { kind: 'wait', reason: { why: 'resumed' }, delayMs: 0, everyone: false };
    }
  };

  const skip = async (job: PassJob, reason: SkipReason): Promise<Outcome> => {
    await ledger.settle(job, { state: 'skipped', reason });
    return { kind: 'skip', reason };
  };

  const succeed = async (
    job: PassJob,
    attempt: number,
    program: Program,
    { pass, rang }: Called & { rang: boolean },
  ): Promise<Outcome> => {
    if (pass === undefined) {
      const writeBack = dataHashWriteBack(job, clock());
      await ledger.settle(job, { state: 'done', rang, ...(writeBack !== undefined && { writeBack }) });
      return { kind: 'done' };
    }
    const { passId, link, answer } = pass;
    const card: IssuedCard = { passId, issuedAt: unixSeconds(clock), ...(link !== undefined && { link }) };
    const saving = writeBackOf(job, program, card, answer, clock());
    await ledger.settle(
      job,
      saving.ok
        ? { state: 'done', card, ...(saving.writeBack !== undefined && { writeBack: saving.writeBack }) }
        : { state: 'done', card, unsaved: { failure: saving.failure, attempts: attempt, at: clock() } },
    );
    return { kind: 'done', answer };
  };

  /** Settles a failed attempt, or lets go of the customer where another attempt follows. */
  const conclude = async (job: PassJob, attempt: number, why: Failure): Promise<Outcome> => {
    const facts = { failure: why, attempts: attempt, at: clock() };
    const verdict = verdictOn(why, job.action);
    switch (verdict) {
      case 'reject':
        await ledger.settle(job, { state: 'rejected', ...facts });
        return { kind: 'reject', failure: why };
      case 'wait':
        await ledger.release(job);
        return {
          kind: 'wait',
          reason: { why: 'failure', failure: why },
          delayMs: why.retryAfterMs ?? jittered(WAIT_MS, random()),
          everyone: failureKinds[why.code].repeat === 'pause',
        };
      case 'unknown':
        if (onUnknown === 'hold') {
          await ledger.settle(job, { state: 'unknown', ...facts });
          return { kind: 'unknown', failure: why };
        }
        return retry(job, attempt, why, facts);
      case 'retry':
        return retry(job, attempt, why, facts);
    }
  };

  const retry = async (
    job: PassJob,
    attempt: number,
    why: Failure,
    facts: FailedAttempt,
  ): Promise<Outcome> => {
    const delayMs = retryDelay(attempt, retryDelaysMs, random(), why.retryAfterMs);
    if (delayMs === undefined) {
      await ledger.settle(job, { state: 'failed', ...facts });
      return { kind: 'reject', failure: why };
    }
    if (isLate(job, clock() + delayMs)) return skip(job, 'too-late');
    await ledger.release(job);
    return { kind: 'retry', failure: why, delayMs };
  };

  /** The customer is not let go of: nobody knows how far the call got, and the next claim will say. */
  const stumble = async (job: PassJob, attempt: number, error: unknown): Promise<Outcome> => {
    // Not this job's doing; the queue brings it back.
    if (isRedisRefusal(error)) throw error;
    log.error({ event: 'job.bug', job: job.id, err: error }, 'passbridge failed on a job');
    const why = failure('JOB_BUG', error instanceof Error ? error.message : String(error));
    const delayMs = retryDelay(attempt, retryDelaysMs, random());
    if (delayMs !== undefined) return { kind: 'retry', failure: why, delayMs };
    await ledger.settle(job, { state: 'failed', failure: why, attempts: attempt, at: clock() });
    return { kind: 'reject', failure: why };
  };

  return {
    /** Does one job. Returns every ending, bugs included; throws only where Redis cannot take it down. */
    async handle(job: PassJob, attempt: number): Promise<Outcome> {
      const startedAt = clock();
      const outcome = await work(job, attempt).catch((error: unknown) => stumble(job, attempt, error));
      log.info(logLine(job, attempt, outcome, clock() - startedAt), 'job');
      return outcome;
    },
    /** Ends a job that no worker survives. */
    async setAside(job: PassJob, attempts: number): Promise<void> {
      log.error({ event: 'job.poisoned', job: job.id }, 'set aside a job that kills its workers');
      const facts = { attempts, at: clock() };
      const why = 'its workers died again and again';
      // The last of them may have sent it, and what failed is sent again without a question.
      await ledger.settle(
        job,
        job.action === 'create' && (await ledger.isOut(job))
          ? { state: 'unknown', failure: failure('PM_UNKNOWN_CRASH', why), ...facts }
          : { state: 'failed', failure: failure('JOB_POISONED', why), ...facts },
      );
    },
  };
}
