/**
 * Runs one job: render → acquire → claim → call → settle. The claim allows one call per customer at a time and marks
 * the job as sent, and the settlement counts the result once. Every ending in between is one of the closed outcomes.
 */

import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { failureKinds, type Failure } from '../domain/failures/failure.ts';
import { changedFields } from '../domain/jobs/change-fields.ts';
import { type Outcome, verdictOn } from '../domain/jobs/outcome.ts';
import type { PassJob, QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Program } from '../domain/jobs/program.ts';
import type { Claim } from '../domain/jobs/settlement.ts';
import type { Slot } from '../domain/jobs/slot.ts';
import { type Clock, type MonotonicClock, sleep } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { isRedisReplyError } from '../kit/redis/redis.ts';
import { makeJobLog } from './job-log.ts';
import { type Ledger, retryingLedger, retryRedis } from './ledger.ts';
import { type Called, type GuardedCallApi, makeCall } from './pass-calls.ts';
import {
  type DrawVoucher,
  makeRenderer,
  missingSection,
  type PreparedBody,
  type RenderedBody,
} from './render.ts';
import { checkSafeguards, checkTimes, type NotificationWait, type SafeguardEnd } from './safeguards.ts';
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

interface Prepared {
  program: Program;
  /** The version of the program that the campaign used; undefined for the current one. */
  version: string | undefined;
  body: PreparedBody;
}

interface ReadyToSend {
  program: Program;
  /** JSON text. */
  text: string;
  voucher: string | undefined;
  /** Whether the call triggers a notification. */
  notifies: boolean;
}

/** After a call without an answer the slot stays taken until Passmachine has seen the connection end. */
const CONNECTION_END_MS = 100;
/** Program versions remembered, one for each campaign. */
const MAX_VERSIONS = 1000;

/**
 * Makes the function that runs jobs. It throws only if Redis cannot record the result. `flushLog` logs the summary of the
 * last runs.
 */
export function makeHandler(options: HandlerOptions) {
  const { api, findProgram, notificationWait, drawVoucher, clock, monotonic, log } = options;
  const ledger = retryingLedger(options.ledger);
  const call = makeCall(api);
  const jobLog = makeJobLog(log);
  const renderer = makeRenderer({ drawVoucher, clock });
  const endings = makeEndings({ ...options, ledger, doubtCreates: api.doubtCreates });
  /** What the campaigns used last. Every claim returns the version, so an outdated one costs a second rendering. */
  const versions = new Map<string, string | undefined>();

  const work = async (run: Run, slot: Slot): Promise<Outcome> => {
    // An earlier worker may have died on it: the claim tells the dead letter which job it was.
    const claimed = run.job.isRedelivered === true ? await endings.claim(run, 'prepared') : undefined;
    if (claimed !== undefined && 'ended' in claimed) return claimed.ended;
    const prepared = await prepare(run);
    if ('ended' in prepared) return prepared.ended;
    if (!(await slot.waitForPermit())) return endings.wait(run, { why: 'stopping' }, 0);
    return send(run, slot, prepared);
  };

  /** Everything that needs no claim: most jobs are then claimed once, immediately before the call. */
  const prepare = async (run: Run): Promise<Prepared | Ended> => {
    const { job } = run;
    const times = checkTimes(job, clock());
    if (times !== undefined) return { ended: await endings.endUnsent(run, () => endBySafeguard(run, times)) };
    return renderVersion(run, await versionOf(job));
  };

  const versionOf = async ({ campaign, latestProgram }: PassJob): Promise<string | undefined> => {
    if (latestProgram === true) return undefined;
    if (!versions.has(campaign)) rememberVersion(campaign, await ledger.programVersion(campaign));
    return versions.get(campaign);
  };

  const rememberVersion = (campaign: string, version: string | undefined) => {
    if (versions.size >= MAX_VERSIONS) versions.clear();
    versions.set(campaign, version);
  };

  const renderVersion = async (run: Run, version: string | undefined): Promise<Prepared | Ended> => {
    const { job } = run;
    const program = await retryRedis(() => findProgram(job.program, version));
    if (program === undefined) {
      return { ended: await endings.endUnsent(run, () => endings.fail(run, missingSection(job))) };
    }
    const prepared = renderer.prepare(job, program);
    if (prepared.body.ok) return { program, version, body: prepared };
    const { body } = prepared;
    return { ended: await endings.endUnsent(run, () => endUnrendered(run, body)) };
  };

  const endUnrendered = (run: Run, body: Extract<RenderedBody, { ok: false }>): Promise<Outcome> =>
    'aborted' in body ? endings.skip(run, 'aborted', body.aborted) : endings.fail(run, body.failure);

  const endBySafeguard = (run: Run, safeguard: SafeguardEnd): Promise<Outcome> =>
    safeguard.kind === 'skip'
      ? endings.skip(run, safeguard.reason)
      : endings.wait(run, { why: safeguard.why }, safeguard.delayMs);

  const send = async (run: Run, slot: Slot, prepared: Prepared): Promise<Outcome> => {
    let composed: ReadyToSend | Ended | undefined;
    const called = await call(run.job, async (isTrial) => {
      composed = await compose(run, slot, prepared, isTrial);
      return 'ended' in composed ? undefined : composed.text;
    });
    const [failed] = await Promise.all([excuse(run, called), leaveSlot(run, slot, called)]);
    if (composed !== undefined && 'ended' in composed) return composed.ended;
    if (called.ok && composed !== undefined) {
      const { program, voucher, notifies } = composed;
      return endings.succeed(run, program, { ...called, voucher, notified: notifies });
    }
    if (failed !== undefined) return endFailed(run, failed.failure);
    throw new Error('a call ended without a result');
  };

  /** Returns the failure to act on, if the call failed. A create that is proven not to be made waits for it unclaimed. */
  const excuse = async (run: Run, called: Called) => {
    if (!('failure' in called)) return undefined;
    const { action } = run.job;
    if (action === 'create' && verdictOn(called.failure, action) === 'retry') {
      await endings.release(run, called.failure);
    }
    return api.excuse(action, called);
  };

  const endFailed = async (run: Run, why: Failure): Promise<Outcome> => {
    const fail = () => endings.fail(run, why);
    return run.sentAt !== undefined || verdictOn(why, run.job.action) === 'wait'
      ? fail()
      : endings.endUnsent(run, fail);
  };

  /** Marks the job as sent, and returns its body. From here to the first byte nothing but the connection remains. */
  const compose = async (
    run: Run,
    slot: Slot,
    prepared: Prepared,
    isTrial?: boolean,
  ): Promise<ReadyToSend | Ended> => {
    const { body } = prepared.body;
    if (run.job.action !== 'create' && body.ok)
      run.job = { ...run.job, fields: changedFields(body.text ?? '') };
    const claim = await endings.claim(run, 'sent', isTrial);
    if ('ended' in claim) return claim;
    const ready = await complete(run, prepared, claim);
    if ('ended' in ready) return ready;
    // The process may have been stopped in between, and its permit given to another.
    if (!slot.isCurrent()) return { ended: await endings.wait(run, { why: 'permit-expired' }, 0) };
    run.sentAt = clock();
    return ready;
  };

  /** Applies what depends on the claim: the campaign's program, the card's notifications, and its voucher code. */
  const complete = async (
    run: Run,
    prepared: Prepared,
    { programVersion }: Claim,
  ): Promise<ReadyToSend | Ended> => {
    const { job } = run;
    if (job.latestProgram !== true && programVersion !== prepared.version) {
      rememberVersion(job.campaign, programVersion);
      const again = await renderVersion(run, programVersion);
      return 'ended' in again
        ? again
        : complete(run, again, { answer: 'go', ...(programVersion !== undefined && { programVersion }) });
    }
    const safeguard = await checkSafeguards(job, clock(), notificationWait);
    if (safeguard !== undefined && safeguard.kind !== 'silent') {
      return { ended: await endBySafeguard(run, safeguard) };
    }
    const { program } = prepared;
    const silent = safeguard !== undefined;
    const rendered = silent ? renderer.prepare(job, program, silent) : prepared.body;
    const { body, voucher } = await renderer.finish(job, program, rendered, silent);
    if (!body.ok) return { ended: await endUnrendered(run, body) };
    if (body.text === undefined) return { ended: await endings.skip(run, 'notification-limit') };
    return { program, text: body.text, voucher, notifies: job.action === 'notify' && !silent };
  };

  /** Redis rejected a command: not the job's fault, so the queue delivers it again. It must not look as if it was sent. */
  const leaveUnsent = async ({ job, sentAt }: Run): Promise<void> => {
    if (sentAt === undefined) await options.ledger.release(job).catch(() => {});
  };

  return {
    async handle(delivered: QueuedJob, slot: Slot): Promise<Outcome> {
      const startedAt = monotonic();
      const job = { ...delivered, runId: randomUUID() };
      const run: Run = { job, attempt: (job.attempts ?? 0) + 1 };
      const outcome = await work(run, slot).catch(async (error: unknown) => {
        if (isRedisReplyError(error)) {
          await leaveUnsent(run);
          throw error;
        }
        log.error({ event: 'job.bug', job: job.id, err: error }, 'passbridge failed on a job');
        return endings.crash(run, error);
      });
      jobLog.record(job, run.attempt, outcome, Math.round(monotonic() - startedAt));
      return outcome;
    },
    flushLog: jobLog.flush,
  };
}

async function leaveSlot({ sentAt }: Run, slot: Slot, called: Called): Promise<void> {
  if ('failure' in called && isUnanswered(called.failure)) await sleep(CONNECTION_END_MS);
  slot.release({ wasUsed: sentAt !== undefined });
  // Lets the calls that may now start leave first: settling takes longer than sending.
  await setImmediate();
}

function isUnanswered({ code, status }: Failure): boolean {
  return failureKinds[code].stage === 'maybe' && status === undefined;
}
