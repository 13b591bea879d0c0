/** Settles jobs whose workers died repeatedly, so that they cannot take down further workers. */

import { failure, type Failure } from '../domain/failures/failure.ts';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { type Ledger, retryingLedger } from './ledger.ts';

interface Options {
  ledger: Ledger;
  clock: Clock;
  log: Logger;
}

export interface WorkerDeaths {
  /** How many workers took the batch job. */
  attempts: number;
  /** Whether the batch job contained this job alone. */
  isAlone: boolean;
}

/**
 * Makes the function that settles such a job and returns its failure. Returns undefined if the job is requeued, by itself,
 * because it need not be the cause: its last worker had not begun with it, or prepared others of its batch job as well. A
 * worker claims a job that was taken before already while it prepares it, so a job that kills its workers before the call
 * is found once it is alone.
 */
export function makeDeadLetter(options: Options) {
  const { clock, log } = options;
  const ledger = retryingLedger(options.ledger);
  return async (job: QueuedJob, { attempts, isAlone }: WorkerDeaths): Promise<Failure | undefined> => {
    const stage = await ledger.claimStage(job);
    if (stage === undefined) return undefined;
    // A failed create could be retried without confirmation, so one that may have been sent becomes unknown.
    const isUnknown = job.action === 'create' && stage === 'sent';
    if (!isUnknown && !isAlone) {
      await ledger.release(job);
      return undefined;
    }
    const code = isUnknown ? 'PM_UNKNOWN_CRASH' : 'JOB_POISONED';
    const why = failure(code, 'its workers died repeatedly');
    const result = await ledger.settle(job, {
      state: isUnknown ? 'unknown' : 'failed',
      failure: why,
      attempts,
      at: clock(),
    });
    // A worker that was only slow has settled it.
    if (result.kind === 'stands') return undefined;
    log.error(
      { event: 'job.dead-lettered', job: job.id, code },
      'settled a job whose workers died repeatedly',
    );
    return why;
  };
}
