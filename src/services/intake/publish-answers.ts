/** Publishes the result of a job whose sender waits for it. */

import { jobAnswer } from '../../domain/jobs/outcome.ts';
import type { Logger } from '../../kit/logger.ts';
import type { HandlePassJob } from '../../queue/batch-job-run.ts';
import type { Stores } from '../stores.ts';

/** Wraps a handler. Best effort: the job does not wait for the answer to be published, nor fail without it. */
export function publishingAnswers(
  handle: HandlePassJob,
  { answers }: Pick<Stores, 'answers'>,
  log: Logger,
): HandlePassJob {
  return async (job, slot) => {
    const outcome = await handle(job, slot);
    const answer = job.awaited === true ? jobAnswer(outcome) : undefined;
    if (answer !== undefined) {
      void answers
        .publish(job.id, answer)
        .catch((error: unknown) => log.warn({ event: 'answer.not-published', job: job.id, err: error }));
    }
    return outcome;
  };
}
