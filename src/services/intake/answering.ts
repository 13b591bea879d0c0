/** Tells whoever waits for a job what came of it. */

import { jobAnswer } from '../../domain/jobs/job-answer.ts';
import type { Logger } from '../../kit/logger.ts';
import type { HandlePassJob } from '../../queue/batch-job-run.ts';
import type { Stores } from '../stores.ts';

/** The same handler. It does not wait: nothing of the job depends on who hears of it. */
export function answering(
  handle: HandlePassJob,
  { answers }: Pick<Stores, 'answers'>,
  log: Logger,
): HandlePassJob {
  return async (job, turn) => {
    const outcome = await handle(job, turn);
    const answer = job.awaited === true ? jobAnswer(outcome) : undefined;
    if (answer !== undefined) {
      void answers
        .tell(job.id, answer)
        .catch((error: unknown) => log.warn({ event: 'job.not-told', job: job.id, err: error }));
    }
    return outcome;
  };
}
