/** Counts and times what passes by, for the metrics. What is wrapped here works as it did before. */

import type { Failure } from '../../../domain/failures/failure.ts';
import type { Outcome } from '../../../domain/jobs/outcome.ts';
import type { QueuedJob } from '../../../domain/jobs/pass-job.ts';
import type { HandlePassJob } from '../../../queue/batch-job-run.ts';
import type { BatchResult, TrackingClient } from '../../../bloomreach/tracking.ts';
import type { CampaignLedger } from '../../../ledger/campaigns/campaign-ledger.ts';
import type { Outbox } from '../../../ledger/write-back/outbox.ts';
import type { OwnMetrics } from './metrics.ts';

/** The same handler, counted. */
export function observedJobs(
  handle: HandlePassJob,
  { jobs, jobSeconds, failures }: Pick<OwnMetrics, 'jobs' | 'jobSeconds' | 'failures'>,
): HandlePassJob {
  return async (job, turn) => {
    const { action } = job;
    const stopTimer = jobSeconds.startTimer({ action });
    const outcome = await handle(job, turn);
    stopTimer();
    const code = failureOf(outcome)?.code ?? '';
    jobs.inc({ action, outcome: outcome.kind, code });
    if (outcome.kind === 'reject' || outcome.kind === 'unknown') failures.inc({ code });
    return outcome;
  };
}

function failureOf(outcome: Outcome): Failure | undefined {
  if ('failure' in outcome) return outcome.failure;
  return outcome.kind === 'wait' && outcome.reason.why === 'failure' ? outcome.reason.failure : undefined;
}

/** The same way out for jobs that no worker survives, counted. */
export function observedDeadLetter(
  deadLetter: (job: QueuedJob, times: number) => Promise<Failure | undefined>,
  { failures }: Pick<OwnMetrics, 'failures'>,
): (job: QueuedJob, times: number) => Promise<boolean> {
  return async (job, times) => {
    const said = await deadLetter(job, times);
    if (said !== undefined) failures.inc({ code: said.code });
    return said !== undefined;
  };
}

/** The same way home, with its batches counted. */
export function observedBatches(
  send: TrackingClient['send'],
  { batchCommands, writebacks }: Pick<OwnMetrics, 'batchCommands' | 'writebacks'>,
): TrackingClient['send'] {
  return async (commands) => {
    const result = await send(commands);
    batchCommands.observe(commands.length);
    for (const [outcome, code, count] of endings(commands.length, result)) {
      if (count > 0) writebacks.inc({ outcome, code }, count);
    }
    return result;
  };
}

function endings(commands: number, result: BatchResult): [outcome: string, code: string, count: number][] {
  if (result.kind === 'again') return [['again', result.failure.code, commands]];
  const refused = [...result.refused.values()];
  return [
    ['saved', '', commands - refused.length],
    ...refused.map(({ code }) => ['refused', code, 1] as [string, string, number]),
  ];
}

/** The same outbox; what is given up counts as failed. */
export function observedOutbox(outbox: Outbox, { failures }: Pick<OwnMetrics, 'failures'>): Outbox {
  return {
    ...outbox,
    async giveUp(entry, failure, now) {
      await outbox.giveUp(entry, failure, now);
      failures.inc({ code: failure.code });
    },
  };
}

/** The same step; rows that are rejected where they are read count as failed. */
export function observedRowFilter(
  accept: CampaignLedger['accept'],
  { failures }: Pick<OwnMetrics, 'failures'>,
): CampaignLedger['accept'] {
  return async (id, upTo, atDoor, now) => {
    await accept(id, upTo, atDoor, now);
    for (const { end } of atDoor) {
      if (end.state === 'rejected') failures.inc({ code: end.failure.code });
    }
  };
}
