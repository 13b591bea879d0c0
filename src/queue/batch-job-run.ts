/** Runs the pass jobs of one batch job concurrently, each in a slot of its own, and reports what is left of them. */

import { type Failure, logFieldsOf } from '../domain/failures/failure.ts';
import type { Outcome } from '../domain/jobs/outcome.ts';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import type { AcquireSlot, Slot } from '../domain/jobs/slot.ts';
import type { Logger } from '../kit/logger.ts';
import type { PassQueue } from './pass-queue.ts';

/** Runs one pass job. It must not make its call before `slot.waitForPermit()` has resolved true. */
export type HandlePassJob = (job: QueuedJob, slot: Slot) => Promise<Outcome>;

interface RunnerOptions {
  acquire: AcquireSlot;
  handle: HandlePassJob;
  queue: Pick<PassQueue, 'closeGate' | 'retryLater'>;
  log: Pick<Logger, 'warn'>;
}

/** Why jobs are given back unchanged: the 429 gate is closed, or the process is shutting down. */
export type GivenBackReason = 'gate' | 'stopping';

export interface BatchJobRun {
  /** Jobs neither finished nor requeued. */
  remaining: QueuedJob[];
  /** Why; undefined if nothing remains or all remaining jobs threw. */
  reason: GivenBackReason | undefined;
  /** The first error thrown by a job: Redis could not record something. */
  error: unknown;
}

/** Makes the function that runs a batch job. It waits for all pass jobs, including after errors. */
export function makeBatchJobRunner({ acquire, handle, queue, log }: RunnerOptions) {
  /** Logs once per closure. */
  const closeGate = async (why: Failure, ms: number): Promise<void> => {
    if (!(await queue.closeGate(ms, why.code))) return;
    log.warn(
      { event: 'gate.closed', ...logFieldsOf(why), ms },
      `no calls to Passmachine for ${Math.ceil(ms / 1000)} s`,
    );
  };

  return async (
    jobs: readonly QueuedJob[],
    priority: number,
    /** Whether this worker still holds the lock of the batch job; checked before each pass job. */
    holdsLock: () => Promise<boolean>,
  ): Promise<BatchJobRun> => {
    const run: BatchJobRun = { remaining: [], reason: undefined, error: undefined };

    const giveBack = (job: QueuedJob, reason: GivenBackReason) => {
      run.remaining.push(job);
      run.reason ??= reason;
    };

    /** Applied immediately, without waiting for the rest of the batch. */
    const apply = async (job: QueuedJob, outcome: Outcome): Promise<void> => {
      switch (outcome.kind) {
        case 'done':
        case 'second-card':
        case 'reject':
        case 'unknown':
        case 'skip':
        case 'parked':
          return;
        case 'retry':
          return queue.retryLater({ ...job, attempts: (job.attempts ?? 0) + 1 }, outcome.delayMs, priority);
        case 'wait':
          if (outcome.pausesQueue) {
            run.reason ??= 'gate';
            if (outcome.reason.why === 'failure') await closeGate(outcome.reason.failure, outcome.delayMs);
            giveBack(job, 'gate');
          } else if (outcome.reason.why === 'stopping') giveBack(job, 'stopping');
          else await queue.retryLater(job, outcome.delayMs, priority);
      }
    };

    /**
     * Returns undefined if another worker has taken the batch job: that worker runs its jobs, and would take a call
     * of ours for one of a dead worker.
     */
    const runInSlot = async (job: QueuedJob, slot: Slot): Promise<Outcome | undefined> =>
      (await holdsLock()) ? handle(job, slot) : undefined;

    const runJob = async (job: QueuedJob): Promise<void> => {
      const slot = await acquire(priority);
      if (slot === undefined) return giveBack(job, 'stopping');
      if (run.reason !== undefined) {
        slot.release();
        return giveBack(job, run.reason);
      }
      const outcome = await runInSlot(job, slot).finally(() => slot.release());
      if (outcome !== undefined) await apply(job, outcome);
    };

    await Promise.all(
      jobs.map((job) =>
        runJob(job).catch((error: unknown) => {
          run.remaining.push(job);
          run.error ??= error;
        }),
      ),
    );
    return run;
  };
}
