/** Wraps HTTP clients, the job handler and ledger calls to update the metrics of this process; behavior is unchanged. */

import { bloomreachFailure } from '../../../bloomreach/answers.ts';
import type { BatchResult, TrackingClient } from '../../../bloomreach/tracking.ts';
import { countsAgainstUpstream, type Failure } from '../../../domain/failures/failure.ts';
import type { Outcome } from '../../../domain/jobs/outcome.ts';
import type { QueuedJob } from '../../../domain/jobs/pass-job.ts';
import type { Upstream } from '../../../domain/monitoring/heartbeat.ts';
import type { HttpClient, HttpRequest, HttpResult } from '../../../kit/http/client.ts';
import type { CampaignLedger } from '../../../ledger/campaigns/campaign-ledger.ts';
import type { Outbox } from '../../../ledger/write-back/outbox.ts';
import { passmachineFailure } from '../../../passmachine/answers.ts';
import type { HandlePassJob } from '../../../queue/batch-job-run.ts';
import type { WorkerDeaths } from '../../../worker/dead-letter.ts';
import type { OwnMetrics } from './metrics.ts';

/** Counts and times calls by operation and outcome. */
export function instrumentCalls(
  upstream: Upstream,
  http: HttpClient,
  { calls, callSeconds }: Pick<OwnMetrics, 'calls' | 'callSeconds'>,
): HttpClient {
  return {
    close: http.close,
    async send(request) {
      const call = callOf(upstream, request);
      const stopTimer = callSeconds.startTimer({ upstream, call });
      const result = await http.send(request);
      if (result.answered || result.sent) stopTimer();
      const failure = failureOf[upstream](result, request);
      calls.inc({ upstream, call, outcome: callOutcome(result, failure), code: failure?.code ?? '' });
      return result;
    },
  };
}

const failureOf = { passmachine: passmachineFailure, bloomreach: bloomreachFailure };

type Call = 'authenticate' | 'create' | 'patch' | 'batch' | 'import';

function callOf(upstream: Upstream, { method, path }: HttpRequest): Call {
  if (upstream === 'bloomreach') return path.endsWith('/batch') ? 'batch' : 'import';
  if (method === 'GET') return 'authenticate';
  return method === 'PATCH' ? 'patch' : 'create';
}

function callOutcome(result: HttpResult, failure: Failure | undefined): string {
  if (!result.answered) return result.sent ? 'no_response' : 'not_sent';
  if (failure === undefined) return 'ok';
  return countsAgainstUpstream(failure) ? 'failed' : 'rejected';
}

/** Counts and times job runs. */
export function instrumentJobs(
  handle: HandlePassJob,
  { jobs, jobSeconds, failures }: Pick<OwnMetrics, 'jobs' | 'jobSeconds' | 'failures'>,
): HandlePassJob {
  return async (job, slot) => {
    const { action } = job;
    const stopTimer = jobSeconds.startTimer({ action });
    const outcome = await handle(job, slot);
    stopTimer();
    const code = outcomeFailure(outcome)?.code ?? '';
    jobs.inc({ action, outcome: outcome.kind, code });
    if (endsInFailure(outcome)) failures.inc({ code });
    return outcome;
  };
}

/** Times an answered HTTP request. */
export function instrumentRequests({ httpSeconds }: Pick<OwnMetrics, 'httpSeconds'>) {
  return ({ method, route, status, seconds }: AnsweredRequest): void =>
    httpSeconds.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
}

export interface AnsweredRequest {
  method: string;
  /** The pattern of the route, never a path: a path may name a customer, and there are too many. */
  route: string;
  status: number;
  seconds: number;
}

/** Whether a failure was filed. */
function endsInFailure({ kind }: Outcome): boolean {
  return kind === 'reject' || kind === 'unknown' || kind === 'second-card';
}

function outcomeFailure(outcome: Outcome): Failure | undefined {
  if ('failure' in outcome) return outcome.failure;
  return outcome.kind === 'wait' && outcome.reason.why === 'failure' ? outcome.reason.failure : undefined;
}

/** Counts dead-lettered jobs as failures. The wrapper returns whether the job was dead-lettered. */
export function instrumentDeadLetter(
  deadLetter: (job: QueuedJob, deaths: WorkerDeaths) => Promise<Failure | undefined>,
  { failures }: Pick<OwnMetrics, 'failures'>,
): (job: QueuedJob, deaths: WorkerDeaths) => Promise<boolean> {
  return async (job, deaths) => {
    const failure = await deadLetter(job, deaths);
    if (failure !== undefined) failures.inc({ code: failure.code });
    return failure !== undefined;
  };
}

/** Counts write-backs and the size of their batches. */
export function instrumentBatches(
  send: TrackingClient['send'],
  { batchCommands, writebacks }: Pick<OwnMetrics, 'batchCommands' | 'writebacks'>,
): TrackingClient['send'] {
  return async (commands, beforeCall) => {
    const result = await send(commands, beforeCall);
    batchCommands.observe(commands.length);
    for (const [outcome, code, count] of writebackOutcomes(commands.length, result)) {
      if (count > 0) writebacks.inc({ outcome, code }, count);
    }
    return result;
  };
}

function writebackOutcomes(
  commands: number,
  result: BatchResult,
): [outcome: string, code: string, count: number][] {
  if (result.kind === 'failed') return [['retry', result.failure.code, commands]];
  if (result.kind === 'stopped') return [['retry', '', commands]];
  const rejected = [...result.refused.values()];
  return [
    ['accepted', '', commands - rejected.length],
    ...rejected.map(({ code }) => ['rejected', code, 1] as [string, string, number]),
  ];
}

/** Counts write-backs that were given up as failures, and those whose content is lost. */
export function instrumentOutbox(
  outbox: Outbox,
  { failures, writebacks }: Pick<OwnMetrics, 'failures' | 'writebacks'>,
): Outbox {
  return {
    ...outbox,
    async take(options) {
      const taken = await outbox.take(options);
      if (taken !== undefined && taken.lost.length > 0)
        writebacks.inc({ outcome: 'lost', code: '' }, taken.lost.length);
      return taken;
    },
    async giveUp(entry, lease, failure, now) {
      await outbox.giveUp(entry, lease, failure, now);
      failures.inc({ code: failure.code });
    },
  };
}

/** Counts rows that the row filter rejects as failures. */
export function instrumentAccept(
  accept: CampaignLedger['accept'],
  { failures }: Pick<OwnMetrics, 'failures'>,
): CampaignLedger['accept'] {
  return async (id, upTo, filtered, now) => {
    await accept(id, upTo, filtered, now);
    for (const { end } of filtered) {
      if (end.state === 'rejected') failures.inc({ code: end.failure.code });
    }
  };
}
