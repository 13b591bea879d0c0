/**
 * Runs one job: claim → render → acquire → call → settle. The claim allows one call per customer at a time, and the
 * settlement counts the result once. Every ending in between is one of the closed outcomes.
 */

import { setImmediate } from 'node:timers/promises';
import { failureKinds, type Failure } from '../domain/failures/failure.ts';
import type { Outcome } from '../domain/jobs/outcome.ts';
import type { PassJob, QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Program } from '../domain/jobs/program.ts';
import type { Claim } from '../domain/jobs/settlement.ts';
import type { Slot } from '../domain/jobs/slot.ts';
import { type Clock, type MonotonicClock, sleep } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { isRedisReplyError } from '../kit/redis/redis.ts';
import { type Ledger, retryingLedger, retryRedis } from './ledger.ts';
import { type CallSuccess, type GuardedCallApi, makeCall } from './pass-calls.ts';
import { type DrawVoucher, makeRenderer, missingSection } from './render.ts';
import { checkSafeguards, type NotificationWait } from './safeguards.ts';
import { makeEndings, type Run } from './settle.ts';

interface HandlerOptions {
  ledger: Ledger;
  api: GuardedCallApi;
  /** Returns the current program, or the given version of it; undefined if there is none. */
  findProgram: (name: string, version?: string) => Promise<Program | undefined>;
  notificationWait: NotificationWait;
  drawVoucher: DrawVoucher;
  /** Delays between attempts, ms. There is one attempt more than delays. */
  retryDelaysMs: readonly number[];
  /** Whether a create that may have been made is held for an operator or made again. */
  onUnknown: 'hold' | 'retry';
  clock: Clock;
  monotonic: MonotonicClock;
  /** In [0, 1). */
  random: () => number;
  log: Logger;
}

/** The run ended before its call. */
interface Ended {
  ended: Outcome;
}

interface Claimed {
  claim: Claim;
  /** On the monotonic clock. */
  claimedAt: number;
}

interface ReadyToSend {
  program: Program;
  /** JSON text. */
  body: string;
  voucher: string | undefined;
  /** Whether the call triggers a notification. */
  notifies: boolean;
}

/** A claim older than this is repeated before the call, because the campaign may have been paused since. */
const MAX_CLAIM_AGE_MS = 150;
/** After a call without an answer the slot stays taken until Passmachine has seen the connection end. */
const CONNECTION_END_MS = 100;

/** Makes the function that runs jobs. It throws only if Redis cannot record the result. */
export function makeHandler(options: HandlerOptions) {
  const { api, findProgram, notificationWait, drawVoucher, clock, monotonic, log } = options;
  const ledger = retryingLedger(options.ledger);
  const call = makeCall(api);
  const renderBody = makeRenderer({ drawVoucher, clock });
  /** Claims made up to this time must be repeated: since then a campaign was paused or the gate was closed. */
  let claimsInvalidatedAt = 0;
  const onClaimsInvalidated = () => (claimsInvalidatedAt = monotonic());
  const endings = makeEndings({ ...options, ledger, onClaimsInvalidated });

  const work = async (run: Run, slot: Slot): Promise<Outcome> => {
    const claimed = await claimJob(run);
    if ('ended' in claimed) return claimed.ended;
    const ready = await renderJob(run, claimed);
    if ('ended' in ready) return ready.ended;
    const ended = await acquirePermit(run, slot, claimed);
    if (ended !== undefined) return ended;
    const called = await callPassmachine(run, slot, ready);
    return settleJob(run, ready, called);
  };

  const claimJob = async (run: Run): Promise<Claimed | Ended> => {
    const claimedAt = monotonic();
    const claim = await ledger.claim(run.job);
    const ended = await endings.refusedClaim(run, claim);
    return ended === undefined ? { claim, claimedAt } : { ended };
  };

  const renderJob = async (run: Run, { claim }: Claimed): Promise<ReadyToSend | Ended> => {
    const { job } = run;
    const version = job.latestProgram === true ? undefined : claim.programVersion;
    const program = await retryRedis(() => findProgram(job.program, version));
    if (program === undefined) return { ended: await endings.fail(run, missingSection(job)) };
    const safeguard = await checkSafeguards(job, clock(), notificationWait);
    if (safeguard?.kind === 'skip') return { ended: await endings.skip(run, safeguard.reason) };
    if (safeguard?.kind === 'wait') {
      return { ended: await endings.wait(run, { why: safeguard.why }, safeguard.delayMs) };
    }
    const silent = safeguard?.kind === 'silent';
    const { body, voucher } = await renderBody(job, program, silent);
    if ('aborted' in body) return { ended: await endings.skip(run, 'aborted', body.aborted) };
    if (!body.ok) return { ended: await endings.fail(run, body.failure) };
    if (body.text === undefined) return { ended: await endings.skip(run, 'notification-limit') };
    return { program, body: body.text, voucher, notifies: job.action === 'notify' && !silent };
  };

  /** Waits for a permit, then repeats the claim if it may be outdated. Returns undefined if the call may start. */
  const acquirePermit = async (
    run: Run,
    slot: Slot,
    { claim, claimedAt }: Claimed,
  ): Promise<Outcome | undefined> => {
    if (!(await slot.waitForPermit())) return endings.wait(run, { why: 'stopping' }, 0);
    const isFresh = monotonic() - claimedAt <= MAX_CLAIM_AGE_MS && claimedAt > claimsInvalidatedAt;
    if (isFresh) return undefined;
    return endings.refusedClaim(run, await ledger.claim(run.job, claim.nonce));
  };

  const callPassmachine = async (
    { job }: Run,
    slot: Slot,
    { body }: ReadyToSend,
  ): Promise<CallSuccess | { ok: false; failure: Failure }> => {
    const called = await call(job, body);
    const excused = called.ok ? called : api.excuse(job.action, called);
    if (!called.ok && isUnanswered(called.failure)) await sleep(CONNECTION_END_MS);
    slot.release();
    // Lets the calls that may now start leave first: settling takes longer than sending.
    await setImmediate();
    return excused;
  };

  const settleJob = (
    run: Run,
    { program, voucher, notifies }: ReadyToSend,
    called: CallSuccess | { ok: false; failure: Failure },
  ): Promise<Outcome> =>
    called.ok
      ? endings.succeed(run, program, { ...called, voucher, notified: notifies })
      : endings.fail(run, called.failure);

  return {
    async handle(job: QueuedJob, slot: Slot): Promise<Outcome> {
      const startedAt = monotonic();
      const run = { job, attempt: (job.attempts ?? 0) + 1 };
      const outcome = await work(run, slot).catch((error: unknown) => {
        // Not the job's fault: the queue delivers it again.
        if (isRedisReplyError(error)) throw error;
        log.error({ event: 'job.bug', job: job.id, err: error }, 'passbridge failed on a job');
        return endings.crash(run, error);
      });
      log.info(logFields(job, run.attempt, outcome, Math.round(monotonic() - startedAt)), 'job');
      return outcome;
    },
  };
}

function isUnanswered({ code, status }: Failure): boolean {
  return failureKinds[code].stage === 'maybe' && status === undefined;
}

/** The fields of the log line of a run. They contain no personal data and no text of the upstream. */
function logFields(job: PassJob, attempt: number, outcome: Outcome, durationMs: number) {
  const { id, action, program } = job;
  const fields = { event: 'job', job: id, action, program, attempt, outcome: outcome.kind, durationMs };
  switch (outcome.kind) {
    case 'done':
    case 'parked':
      return fields;
    case 'skip':
      return { ...fields, reason: outcome.reason, why: outcome.why };
    case 'wait': {
      const { reason, delayMs } = outcome;
      const cause =
        reason.why === 'failure' ? { code: reason.failure.code, status: reason.failure.status } : {};
      return { ...fields, ...cause, reason: reason.why, delayMs };
    }
    case 'retry':
      return {
        ...fields,
        code: outcome.failure.code,
        status: outcome.failure.status,
        delayMs: outcome.delayMs,
      };
    case 'reject':
    case 'unknown':
      return { ...fields, code: outcome.failure.code, status: outcome.failure.status };
  }
}
