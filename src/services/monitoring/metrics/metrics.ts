/**
 * Declares every metric that passbridge exports; docs/metrics.md is generated from it. Labels are bounded:
 * never a customer, and at most {@link MAX_NAMED_CAMPAIGNS} campaigns at a time.
 */

import { failureKinds } from '../../../domain/failures/failure.ts';
import { makeMetricsRegistry } from '../../../kit/metrics.ts';
import { packageVersion } from '../../../kit/runtime/package-files.ts';

export type Metrics = ReturnType<typeof makeMetrics>;
export type OwnMetrics = Metrics['own'];
export type SharedMetrics = Metrics['shared'];

export const MAX_NAMED_CAMPAIGNS = 20;
export const MAX_ENDED_CAMPAIGNS = 100;

const SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
/** A webhook must be answered within a second. */
const HTTP_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const COMMANDS = [1, 5, 10, 20, 30, 40, 49, 50];

const ofNewest = `of all open campaigns and the last ${MAX_ENDED_CAMPAIGNS} that ended`;
const named = `Of the ${MAX_NAMED_CAMPAIGNS} newest unfinished file campaigns`;

export function makeMetrics() {
  const registry = makeMetricsRegistry();
  const { counter, gauge, histogram } = registry.section(
    'Per process',
    'Each process counts for itself, from 0 at its start. Sum over the processes: `sum without (instance) (rate(…))`.',
  );
  const own = {
    calls: counter(
      'passbridge_calls_total',
      'Completed calls. Passmachine: authenticate, create, patch; Bloomreach: batch, import. Outcome: ok; rejected, because of its content; failed, not served; no_response, sent but not answered; not_sent. Code: the failure code, see docs/errors.md; empty for ok.',
      ['upstream', 'call', 'outcome', 'code'],
    ),
    callSeconds: histogram('passbridge_call_duration_seconds', 'Duration of the calls that were sent.', {
      labels: ['upstream', 'call'],
      buckets: SECONDS,
    }),
    jobs: counter(
      'passbridge_jobs_total',
      'Job runs. Outcome: done, skip, reject and unknown are final; after retry, wait and parked the job runs again. Code: the failure code; empty without a failure.',
      ['action', 'outcome', 'code'],
    ),
    jobSeconds: histogram(
      'passbridge_job_duration_seconds',
      'Duration of job runs, from the claim to the settlement.',
      { labels: ['action'], buckets: SECONDS },
    ),
    failures: counter(
      'passbridge_failures_total',
      'Permanent failures and unknown outcomes by failure code: rows, and write-backs that were given up. Every code is exported from the start, at 0.',
      ['code'],
    ),
    batchCommands: histogram(
      'passbridge_writeback_batch_commands',
      'Size of the batches sent to Bloomreach: write-backs per batch.',
      { buckets: COMMANDS },
    ),
    writebacks: counter(
      'passbridge_writebacks_total',
      'Write-backs sent to Bloomreach. Outcome: accepted; rejected, this command alone; retry, the whole batch failed and will be sent again; lost, Redis no longer has its content. Code: the failure code; empty for accepted and lost.',
      ['outcome', 'code'],
    ),
    callsStalled: gauge(
      'passbridge_calls_stalled_seconds',
      'How long this worker has started no call although jobs wait and nothing holds them back; 0 otherwise. From 30 s on, /healthz answers 503. Absent without the role worker.',
    ),
    httpSeconds: histogram(
      'passbridge_http_request_duration_seconds',
      'Duration of the HTTP requests that this process answered, event streams excluded. Route: its pattern, e.g. /campaigns/:id, or unmatched; status: the class, e.g. 2xx.',
      { labels: ['method', 'route', 'status'], buckets: HTTP_SECONDS },
    ),
    buildInfo: gauge(
      'passbridge_build_info',
      'Always 1; the labels have the versions of passbridge and Node that this process runs.',
      ['version', 'node'],
    ),
    redisUp: gauge(
      'passbridge_redis_up',
      'Whether Redis answered this process (1 or 0). While it is 0, the metrics from Redis are absent.',
    ),
  };
  for (const code of Object.keys(failureKinds)) own.failures.inc({ code }, 0);
  own.buildInfo.set({ version: packageVersion(), node: process.versions.node }, 1);
  return { ...registry, own, ...makeSharedMetrics(registry) };
}

function makeSharedMetrics({ section }: ReturnType<typeof makeMetricsRegistry>) {
  const { gauge, clearGauges } = section(
    'From Redis',
    'Every process exports the same values for the whole installation. Do not sum them; use `max without (instance) (…)`.',
  );
  const shared = {
    slotsBusy: gauge('passbridge_slots_busy', 'Calls to Passmachine in flight, over all processes.'),
    slotsLimit: gauge('passbridge_slots_limit', 'Calls to Passmachine that may be in flight at once.'),
    perSecondLimit: gauge(
      'passbridge_calls_per_second_limit',
      'Calls to Passmachine that may start per second; absent without a limit.',
    ),
    queueJobs: gauge(
      'passbridge_queue_jobs',
      'Jobs in the queue. State: waiting, not yet started; delayed, until their next attempt; active, call in flight.',
      ['state'],
    ),
    queueOldest: gauge(
      'passbridge_queue_oldest_job_age_seconds',
      'Age of the job that has waited longest; 0 if none is waiting.',
    ),
    feederTasks: gauge(
      'passbridge_feeder_tasks',
      'Unfinished tasks of feeders: campaigns to read or to clear, bulk actions on failures.',
    ),
    writebackPending: gauge(
      'passbridge_writeback_pending',
      'Write-backs that Bloomreach has not accepted yet.',
    ),
    writebackOldest: gauge(
      'passbridge_writeback_oldest_age_seconds',
      'Age of the oldest pending write-back; 0 if none is pending.',
    ),
    importsPending: gauge(
      'passbridge_writeback_imports_pending',
      'CSV imports that Bloomreach has not fetched yet.',
    ),
    writebackPaused: gauge(
      'passbridge_writeback_paused_seconds',
      'Time until write-backs may be sent again after Bloomreach failed or asked for a pause; 0 while they are not paused.',
    ),
    callsPaused: gauge(
      'passbridge_calls_paused_seconds',
      'Time until calls to Passmachine may start again after a 429 or an outage; 0 while they are not paused.',
    ),
    breakers: gauge(
      'passbridge_breakers',
      'Workers by the state of their circuit breaker: closed; open, calls are paused; probing, a single call tests Passmachine.',
      ['state'],
    ),
    tokenExpiresIn: gauge(
      'passbridge_token_expires_in_seconds',
      'Remaining lifetime of the token that expires first, negative after that; absent if unknown. A token that passbridge cannot renew comes before any that it renews. Auto_renew: whether it obtains the next one automatically.',
      ['auto_renew'],
    ),
    tokenRejected: gauge(
      'passbridge_token_rejected',
      'Whether Passmachine rejected the credentials or the token of a worker, and no call has succeeded since (1 or 0).',
    ),
    consecutiveFailures: gauge(
      'passbridge_upstream_consecutive_failures',
      'Failed calls since the last success, summed over all processes.',
      ['upstream'],
    ),
    processes: gauge(
      'passbridge_processes',
      'Running processes by role; `passbridge up` without --role has all roles.',
      ['role'],
    ),
    quietProcesses: gauge(
      'passbridge_processes_quiet',
      'Running processes by role that take no more jobs since the quiet signal (SIGTSTP).',
      ['role'],
    ),
    programsFileInvalid: gauge(
      'passbridge_programs_file_invalid',
      'Processes whose changed programs file is invalid, so that its previous version stays active.',
    ),
    settingsOutdated: gauge(
      'passbridge_settings_outdated',
      'Processes whose settings are no longer those of their .env: they must be restarted.',
    ),
    undecidedSchedules: gauge(
      'passbridge_schedules_undecided',
      'Schedules with missed runs that need a decision.',
    ),
    campaigns: gauge('passbridge_campaigns', `Campaigns by status, ${ofNewest}.`, ['status']),
    campaignsAwaitingOperator: gauge(
      'passbridge_campaigns_awaiting_operator',
      `Campaigns halted by a canary or another safeguard that wait for an operator, ${ofNewest}.`,
    ),
    campaignsUnreadable: gauge(
      'passbridge_campaigns_unreadable',
      'Running campaigns whose next rows could not be read in several attempts. Reading is retried until it succeeds.',
    ),
    rows: gauge('passbridge_rows', `Rows by state, ${ofNewest}.`, ['state']),
    campaignProgress: gauge(
      'passbridge_campaign_progress_ratio',
      `${named}: share of the rows that have ended, 0 to 1. Absent until the rows are counted.`,
      ['campaign', 'program', 'action'],
    ),
    campaignRows: gauge('passbridge_campaign_rows', `${named}: rows by state.`, ['campaign', 'state']),
    storeRestored: gauge(
      'passbridge_store_restored',
      'Whether the store counts as restored, so that campaigns are held (1 or 0).',
    ),
    secondCards: gauge(
      'passbridge_second_cards',
      'Customers with a second card that no operator has dealt with.',
    ),
    memoryUsed: gauge('passbridge_redis_memory_used_bytes', 'Memory used by Redis.'),
    memoryLimit: gauge('passbridge_redis_memory_limit_bytes', 'Maxmemory of Redis; absent without a limit.'),
    vouchersLeft: gauge(
      'passbridge_voucher_codes_left',
      'Voucher codes left, by pool as named in the programs file.',
      ['pool'],
    ),
  };
  return { shared, clearShared: clearGauges };
}
