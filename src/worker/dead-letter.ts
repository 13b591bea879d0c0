/** Ends a job that no worker survives, so that it stops taking others along. */

import { failure, type Failure } from '../domain/failures/failure.ts';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { insistent, type Ledger } from './ledger.ts';

interface Options {
  ledger: Ledger;
  clock: Clock;
  log: Logger;
}

/**
 * Makes the function that ends such a job. It returns what is said of it; undefined where the job is not to
 * blame: it was in the same hands, and nothing of it had begun.
 */
export function makeDeadLetter(options: Options) {
  const { clock, log } = options;
  const ledger = insistent(options.ledger);
  return async (job: QueuedJob, times: number): Promise<Failure | undefined> => {
    if (!(await ledger.isOut(job))) return undefined;
    log.error({ event: 'job.poisoned', job: job.id }, 'set aside a job that kills its workers');
    // The last of them may have sent it, and what failed is sent again without a question.
    const isUnknown = job.action === 'create';
    const code = isUnknown ? 'PM_UNKNOWN_CRASH' : 'JOB_POISONED';
    const why = failure(code, 'its workers died again and again');
    await ledger.settle(job, {
      state: isUnknown ? 'unknown' : 'failed',
      failure: why,
      attempts: times,
      at: clock(),
    });
    return why;
  };
}
