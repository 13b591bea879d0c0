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

/**
 * Makes the function that settles such a job and returns its failure. Returns undefined if the job is not the cause:
 * it was in the same batch job, but its last worker had not claimed it.
 */
export function makeDeadLetter(options: Options) {
  const { clock, log } = options;
  const ledger = retryingLedger(options.ledger);
  return async (job: QueuedJob, attempts: number): Promise<Failure | undefined> => {
    if (!(await ledger.isClaimed(job))) return undefined;
    log.error({ event: 'job.dead-lettered', job: job.id }, 'settled a job whose workers died repeatedly');
    // The last worker may have sent it. A failed create could be retried without confirmation, so it becomes unknown.
    const isUnknown = job.action === 'create';
    const code = isUnknown ? 'PM_UNKNOWN_CRASH' : 'JOB_POISONED';
    const why = failure(code, 'its workers died repeatedly');
    await ledger.settle(job, {
      state: isUnknown ? 'unknown' : 'failed',
      failure: why,
      attempts,
      at: clock(),
    });
    return why;
  };
}
