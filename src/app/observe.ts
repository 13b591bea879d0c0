/** Counts and times what passes by, for the metrics. */

import type { Outcome } from '../job/outcome.ts';
import type { Metrics } from '../kit/metrics.ts';
import type { HandlePassJob } from '../queue/pass-consumer.ts';
import type { Stores } from './stores.ts';

/** The same handler, counted. */
export function observed(handle: HandlePassJob, metrics: Metrics): HandlePassJob {
  return async (job, attempt) => {
    const { action } = job;
    const stopTimer = metrics.jobSeconds.startTimer({ action });
    const outcome = await handle(job, attempt);
    stopTimer();
    metrics.jobs.inc({ action, outcome: outcome.kind, code: codeOf(outcome) });
    return outcome;
  };
}

function codeOf(outcome: Outcome): string {
  if ('failure' in outcome) return outcome.failure.code;
  return outcome.kind === 'wait' && outcome.reason.why === 'failure' ? outcome.reason.failure.code : '';
}

/** All metrics as text, with what is read from Redis brought up to date first. */
export async function scrape(metrics: Metrics, { passQueue, outbox }: Stores): Promise<string> {
  const [depth, { waiting }] = await Promise.all([passQueue.depth(), outbox.depth()]);
  for (const [state, count] of Object.entries(depth)) metrics.queueJobs.set({ state }, count);
  metrics.writebackWaiting.set(waiting);
  return metrics.registry.metrics();
}
