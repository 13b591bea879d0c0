/** Does the jobs of one entry, each in its turn, and tells what is left of it. */

import type { Outcome } from '../domain/jobs/outcome.ts';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Slot } from '../domain/jobs/slot.ts';
import type { PassQueue } from './pass-queue.ts';
import type { CallLimiter } from '../limiter/call-limiter.ts';

/** Does one job. Its call is made in its turn only. */
export type HandlePassJob = (job: QueuedJob, slot: Slot) => Promise<Outcome>;

interface RunOptions {
  acquire: CallLimiter['acquire'];
  handle: HandlePassJob;
  queue: Pick<PassQueue, 'closeGate' | 'retryLater'>;
}

/** Why jobs were handed back untouched: nobody may be called for a while, or the process stops. */
export type HandedBack = 'gate' | 'stopping';

export interface EntryRun {
  /** What has neither ended nor come back in a stay of its own. */
  left: QueuedJob[];
  /** Why; undefined where nothing is left, or all that is left threw. */
  why: HandedBack | undefined;
  /** What the first of those said that threw: Redis could not take something down. */
  error: unknown;
}

/** Makes the function that does an entry. It waits for all of its jobs, whatever becomes of some. */
export function makeEntryRun({ acquire, handle, queue }: RunOptions) {
  return async (
    jobs: readonly QueuedJob[],
    priority: number,
    /** Whether the entry is still this worker's: asked before each job. */
    isHeld: () => Promise<boolean>,
  ): Promise<EntryRun> => {
    const run: EntryRun = { left: [], why: undefined, error: undefined };

    const handBack = (job: QueuedJob, why: HandedBack) => {
      run.left.push(job);
      run.why ??= why;
    };

    /** Told of at once, so that it does not wait for its neighbours. */
    const conclude = async (job: QueuedJob, outcome: Outcome): Promise<void> => {
      switch (outcome.kind) {
        case 'done':
        case 'reject':
        case 'unknown':
        case 'skip':
        case 'parked':
          return;
        case 'retry':
          return queue.retryLater({ ...job, tried: (job.tried ?? 0) + 1 }, outcome.delayMs, priority);
        case 'wait':
          if (outcome.everyone) {
            run.why ??= 'gate';
            if (outcome.reason.why !== 'gate') await queue.closeGate(outcome.delayMs);
            handBack(job, 'gate');
          } else if (outcome.reason.why === 'stopping') handBack(job, 'stopping');
          else await queue.retryLater(job, outcome.delayMs, priority);
      }
    };

    /** Nothing where another worker has the entry by now: it does them, and would take a call of ours for a dead one's. */
    const runInSlot = async (job: QueuedJob, slot: Slot): Promise<Outcome | undefined> =>
      (await isHeld()) ? handle(job, slot) : undefined;

    const work = async (job: QueuedJob): Promise<void> => {
      const slot = await acquire(priority);
      if (slot === undefined) return handBack(job, 'stopping');
      if (run.why !== undefined) {
        slot.release();
        return handBack(job, run.why);
      }
      const outcome = await runInSlot(job, slot).finally(slot.release);
      if (outcome !== undefined) await conclude(job, outcome);
    };

    await Promise.all(
      jobs.map((job) =>
        work(job).catch((error: unknown) => {
          run.left.push(job);
          run.error ??= error;
        }),
      ),
    );
    return run;
  };
}
