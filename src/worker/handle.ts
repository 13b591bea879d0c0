/**
 * What doing a job means: claim → render → its turn → call → settle. The claim lets one call per customer
 * out, the settlement counts it once, and every ending in between is one of the closed outcomes.
 */

import { setImmediate } from 'node:timers/promises';
import { failure, failureKinds, type Failure } from '../domain/failures/failure.ts';
import { type Outcome, type SkipReason, verdictOn } from '../domain/jobs/outcome.ts';
import type { IssuedCard, QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Program } from '../domain/jobs/program.ts';
import { jittered, retryDelay } from '../domain/jobs/retry.ts';
import type { Claim, FailedAttempt, Settlement } from '../domain/jobs/settlement.ts';
import type { Slot } from '../domain/jobs/slot.ts';
import { type Clock, sleep, unixSeconds } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { isRedisRefusal } from '../kit/redis/redis.ts';
import { type CallApi, type Called, makeCall } from './call.ts';
import { holdBack, isLate, type NotificationWait } from './hold-back.ts';
import { type DrawVoucher, makeFill } from './fill.ts';
import { unknownSection } from './job-body.ts';
import { insistent, insistently, type Ledger } from './ledger.ts';
import { logLine } from './log-line.ts';
import { dataHashWriteBack, writeBackOf } from './write-back.ts';

interface HandlerOptions {
  ledger: Ledger;
  api: CallApi;
  /** The program as it is now, or in the version that a campaign goes by; undefined where there is none. */
  findProgram: (name: string, version?: string) => Promise<Program | undefined>;
  notificationWait: NotificationWait;
  drawVoucher: DrawVoucher;
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
const UNCONFIRMED_MS = 2000;
/** A claim that has waited longer for its turn is asked for again: its campaign may have been halted. */
const CLAIM_FRESH_MS = 150;
/** A call that was given up keeps its slot until Passmachine has certainly seen its connection end. */
const SILENCE_MS = 100;

/** Makes what does jobs. */
export function makeHandler(options: HandlerOptions) {
  const { api, findProgram, notificationWait, drawVoucher, retryDelaysMs, onUnknown, clock, random, log } =
    options;
  const ledger = insistent(options.ledger);
  const call = makeCall(api);
  const fill = makeFill({ drawVoucher, clock });
  /** When this process last heard what other claims of its may founder on: a closed gate, or what halts a campaign. */
  let doubtedAt = 0;

  const work = async (job: QueuedJob, attempt: number, slot: Slot): Promise<Outcome> => {
    const claimedAt = clock();
    const claim = await ledger.claim(job);
    const refusal = await refusalOf(claim, job, attempt);
    if (refusal !== undefined) return refusal;
    const version = job.latestProgram === true ? undefined : claim.programVersion;
    const program = await insistently(() => findProgram(job.program, version));
    if (program === undefined) return conclude(job, attempt, unknownSection(job));
    const held = await holdBack(job, clock(), notificationWait);
    if (held?.kind === 'skip') return skip(job, held.reason);
    if (held?.kind === 'wait') {
      await ledger.release(job);
      return { kind: 'wait', reason: { why: held.why }, delayMs: held.delayMs, everyone: false };
    }
    const silent = held?.kind === 'silent';
    const { body, voucher } = await fill(job, program, silent);
    if ('aborted' in body) return skip(job, 'aborted', body.aborted);
    if (!body.ok) return conclude(job, attempt, body.failure);
    if (body.text === undefined) return skip(job, 'notification-limit');
    if (!(await slot.start())) return stepBack(job);
    if (clock() - claimedAt > CLAIM_FRESH_MS || claimedAt <= doubtedAt) {
      const late = await refusalOf(await ledger.claim(job, claim.nonce), job, attempt);
      if (late !== undefined) return late;
    }
    const called = await call(job, body.text);
    if (!called.ok && failureKinds[called.failure.code].stage === 'maybe') await sleep(SILENCE_MS);
    slot.release();
    // The calls whose turn it is now leave first: what follows takes longer than to send one.
    await setImmediate();
    if (!called.ok) return conclude(job, attempt, called.failure);
    return succeed(job, attempt, program, {
      ...called,
      voucher,
      notified: job.action === 'notify' && !silent,
    });
  };

  /** The process stops before its turn has come: the next one begins anew. */
  const stepBack = async (job: QueuedJob): Promise<Outcome> => {
    await ledger.release(job);
    return { kind: 'wait', reason: { why: 'stopping' }, delayMs: 0, everyone: false };
  };

  /** Undefined when the job may go ahead. */
  const refusalOf = async (
    { answer, waitMs = 0 }: Claim,
    job: QueuedJob,
    attempt: number,
  ): Promise<Outcome | undefined> => {
    switch (answer) {
      case 'go':
        return undefined;
      case 'settled':
        return { kind: 'skip', reason: 'settled' };
      case 'halted':
        return park(job);
      case 'customer-busy':
        return { kind: 'wait', reason: { why: 'customer-busy' }, delayMs: CUSTOMER_BUSY_MS, everyone: false };
      case 'unconfirmed':
        return { kind: 'wait', reason: { why: 'unconfirmed' }, delayMs: UNCONFIRMED_MS, everyone: false };
      case 'gate':
        return { kind: 'wait', reason: { why: 'gate' }, delayMs: waitMs, everyone: true };
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
  const park = async (job: QueuedJob): Promise<Outcome> => {
    const answer = await ledger.park(job);
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

  /** `why`: in the words of whoever wrote the template. */
  const skip = async (job: QueuedJob, reason: SkipReason, why = ''): Promise<Outcome> => {
    await ledger.settle(job, { state: 'skipped', reason, ...(why !== '' && { why }) });
    return { kind: 'skip', reason, ...(why !== '' && { why }) };
  };

  const succeed = async (
    job: QueuedJob,
    attempt: number,
    program: Program,
    { pass, notified, voucher }: Called & { notified: boolean; voucher: string | undefined },
  ): Promise<Outcome> => {
    if (pass === undefined) {
      const writeBack = dataHashWriteBack(job, clock());
      await ledger.settle(job, { state: 'done', notified, ...(writeBack !== undefined && { writeBack }) });
      return { kind: 'done' };
    }
    const { passId, link, answer } = pass;
    const card: IssuedCard = { passId, issuedAt: unixSeconds(clock), ...(link !== undefined && { link }) };
    const saving = writeBackOf(job, program, card, { answer, voucher, now: clock() });
    await ledger.settle(
      job,
      saving.ok
        ? { state: 'done', card, ...(saving.writeBack !== undefined && { writeBack: saving.writeBack }) }
        : { state: 'done', card, unsaved: { failure: saving.failure, attempts: attempt, at: clock() } },
    );
    return { kind: 'done', answer };
  };

  /** So many may have failed by now that its campaign pauses. */
  const settleFailed = async (job: QueuedJob, settlement: Settlement): Promise<void> => {
    await ledger.settle(job, settlement);
    doubtedAt = clock();
  };

  /** Settles a failed attempt, or lets go of the customer where another attempt follows. */
  const conclude = async (job: QueuedJob, attempt: number, why: Failure): Promise<Outcome> => {
    const facts = { failure: why, attempts: attempt, at: clock() };
    const verdict = verdictOn(why, job.action);
    switch (verdict) {
      case 'reject':
        await settleFailed(job, { state: 'rejected', ...facts });
        return { kind: 'reject', failure: why };
      case 'wait':
        const everyone = failureKinds[why.code].repeat === 'pause';
        if (everyone) doubtedAt = clock();
        await ledger.release(job, why);
        return {
          kind: 'wait',
          reason: { why: 'failure', failure: why },
          delayMs: why.retryAfterMs ?? jittered(WAIT_MS, random()),
          everyone,
        };
      case 'unknown':
        if (onUnknown === 'hold') {
          await settleFailed(job, { state: 'unknown', ...facts });
          return { kind: 'unknown', failure: why };
        }
        return retry(job, attempt, why, facts);
      case 'retry':
        return retry(job, attempt, why, facts);
    }
  };

  const retry = async (
    job: QueuedJob,
    attempt: number,
    why: Failure,
    facts: FailedAttempt,
  ): Promise<Outcome> => {
    const delayMs = retryDelay(attempt, retryDelaysMs, random(), why.retryAfterMs);
    if (delayMs === undefined) {
      await settleFailed(job, { state: 'failed', ...facts });
      return { kind: 'reject', failure: why };
    }
    if (isLate(job, clock() + delayMs)) return skip(job, 'too-late');
    await ledger.release(job, why);
    return { kind: 'retry', failure: why, delayMs };
  };

  /** Nobody knows how far the call got. */
  const stumble = async (job: QueuedJob, attempt: number, error: unknown): Promise<Outcome> => {
    // Not this job's doing; the queue brings it back.
    if (isRedisRefusal(error)) throw error;
    log.error({ event: 'job.bug', job: job.id, err: error }, 'passbridge failed on a job');
    const said = error instanceof Error ? error.message : String(error);
    const mayBeSent = job.action === 'create' && onUnknown === 'hold' && (await ledger.isOut(job));
    if (mayBeSent) return conclude(job, attempt, failure('PM_UNKNOWN_CRASH', said));
    const why = failure('JOB_BUG', said);
    return retry(job, attempt, why, { failure: why, attempts: attempt, at: clock() });
  };

  return {
    /** Does one job. Returns every ending, bugs included; throws only where Redis cannot take it down. */
    async handle(job: QueuedJob, slot: Slot): Promise<Outcome> {
      const startedAt = clock();
      const attempt = (job.tried ?? 0) + 1;
      const outcome = await work(job, attempt, slot).catch((error: unknown) => stumble(job, attempt, error));
      log.info(logLine(job, attempt, outcome, clock() - startedAt), 'job');
      return outcome;
    },
  };
}
