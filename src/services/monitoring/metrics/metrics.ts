/**
 * Every metric that this program exports, named once; docs/metrics.md is made from it. Labels are
 * bounded: no customer ever, and of campaigns no more than {@link NAMED_CAMPAIGNS} at a time.
 */

import { failureKinds } from '../../../domain/failures/failure.ts';
import { makeMetricBook } from '../../../kit/metrics.ts';
import { NEWEST_CAMPAIGNS } from '../throughput-samples.ts';

export type Metrics = ReturnType<typeof makeMetrics>;
export type OwnMetrics = Metrics['own'];
export type SharedMetrics = Metrics['shared'];

/** Campaigns that are told by name, at most. */
export const NAMED_CAMPAIGNS = 20;

const SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const COMMANDS = [1, 5, 10, 20, 30, 40, 49, 50];

const ofNewest = `of the ${NEWEST_CAMPAIGNS} newest campaigns`;
const named = `Of the ${NAMED_CAMPAIGNS} newest campaigns of files that are not over`;

export function makeMetrics() {
  const book = makeMetricBook();
  const { counter, gauge, histogram } = book.chapter(
    'What each process counts for itself',
    'Add the processes up: `sum without (instance) (rate(…))`. They start at 0 with the process.',
  );
  const own = {
    calls: counter(
      'passbridge_calls_total',
      'Calls that ended. Passmachine: authenticate, create, patch; Bloomreach: batch, import. Outcome: ok; refused, the content was judged; failed, it was not served; silent, it was sent and no answer came; unsent, it never left. Code: of the failure, see docs/errors.md; empty for ok.',
      ['upstream', 'call', 'outcome', 'code'],
    ),
    callSeconds: histogram(
      'passbridge_call_duration_seconds',
      'How long the calls took that left this machine.',
      { labels: ['upstream', 'call'], buckets: SECONDS },
    ),
    jobs: counter(
      'passbridge_jobs_total',
      'Runs of jobs. Outcome: done, skip, reject (for good) and unknown end a job; retry, wait and parked bring it back. Code: of the failure; empty for none.',
      ['action', 'outcome', 'code'],
    ),
    jobSeconds: histogram(
      'passbridge_job_duration_seconds',
      'How long a job held its slot, from claim to settlement.',
      { labels: ['action'], buckets: SECONDS },
    ),
    failures: counter(
      'passbridge_failures_total',
      'What failed for good or is unknown, by failure code: rows, and write-backs that were given up. Every code is there from the start, at 0.',
      ['code'],
    ),
    batchCommands: histogram(
      'passbridge_writeback_batch_commands',
      'How full the batches are that were sent to Bloomreach: results in each.',
      { buckets: COMMANDS },
    ),
    writebacks: counter(
      'passbridge_writebacks_total',
      'Results sent to Bloomreach. Outcome: saved; refused alone; again, the whole batch has to be sent again. Code: of the failure; empty for saved.',
      ['outcome', 'code'],
    ),
    redisUp: gauge(
      'passbridge_redis_up',
      'Whether Redis answered this process (1 or 0). While it does not, the metrics of Redis are absent.',
    ),
  };
  for (const code of Object.keys(failureKinds)) own.failures.inc({ code }, 0);
  return { ...book, own, ...sharedIn(book) };
}

function sharedIn(book: ReturnType<typeof makeMetricBook>) {
  const { gauge, forgetGauges } = book.chapter(
    'What Redis knows',
    'The same from whichever process is scraped, and about all of them: never add it up, take `max without (instance) (…)`.',
  );
  const shared = {
    slotsBusy: gauge('passbridge_slots_busy', 'Calls to Passmachine under way, over all processes.'),
    slotsLimit: gauge('passbridge_slots_limit', 'How many may be under way at once: the limit in force.'),
    perSecondLimit: gauge(
      'passbridge_calls_per_second_limit',
      'How many may start per second; absent where there is no limit.',
    ),
    queueJobs: gauge(
      'passbridge_queue_jobs',
      'Jobs in the queue. State: waiting, for their turn; delayed, until their next attempt; active, being called.',
      ['state'],
    ),
    queueOldest: gauge(
      'passbridge_queue_oldest_seconds',
      'Age of the job that has waited longest for its turn; 0 where none waits.',
    ),
    feederWork: gauge(
      'passbridge_feeder_work',
      'Work of feeders that is not over: campaigns to read or to clear, bulk acts on failures.',
    ),
    writebackWaiting: gauge('passbridge_writeback_waiting', 'Results that Bloomreach has not accepted yet.'),
    writebackOldest: gauge(
      'passbridge_writeback_oldest_seconds',
      'Age of the oldest of them, the lag of the write-back; 0 where none waits.',
    ),
    importsWaiting: gauge(
      'passbridge_writeback_imports_waiting',
      'CSV imports that Bloomreach has yet to fetch.',
    ),
    gate: gauge(
      'passbridge_gate_seconds',
      'How long no call is made yet, since Passmachine answered 429 or is down; 0 while calls go on.',
    ),
    breakers: gauge(
      'passbridge_breakers',
      'Workers by the state of their breaker: closed; open, calls are kept back; probing, a single call finds out.',
      ['state'],
    ),
    tokenLeft: gauge(
      'passbridge_token_left_seconds',
      'Life left of the token that ends first, below 0 once it has ended; absent where nobody knows. Renews: whether passbridge obtains the next one itself.',
      ['renews'],
    ),
    tokenRefused: gauge(
      'passbridge_token_refused',
      'Whether Passmachine refused the credentials of a worker, or its token, and no call has got through since (1 or 0).',
    ),
    failuresInARow: gauge(
      'passbridge_upstream_failures_in_a_row',
      'Calls that were not served since the last that was, over all processes.',
      ['upstream'],
    ),
    processes: gauge(
      'passbridge_processes',
      'Living processes by what they do; `up` without a role does all.',
      ['part'],
    ),
    programsRefused: gauge(
      'passbridge_programs_file_refused',
      'Processes whose programs file was changed and is not valid: what it said before goes on counting.',
    ),
    schedulesAsking: gauge(
      'passbridge_schedules_asking',
      'Schedules that missed runs and wait for an answer.',
    ),
    campaigns: gauge('passbridge_campaigns', `Campaigns by status, ${ofNewest}.`, ['status']),
    campaignsHalted: gauge(
      'passbridge_campaigns_halted',
      `Campaigns that a canary or a guard has halted and that wait for a person, ${ofNewest}.`,
    ),
    rows: gauge('passbridge_rows', `Rows by what became of them, ${ofNewest}.`, ['state']),
    campaignProgress: gauge(
      'passbridge_campaign_progress_ratio',
      `${named}: share of the rows that have ended, 0 to 1. Absent until the rows are counted.`,
      ['campaign', 'program', 'action'],
    ),
    campaignRows: gauge('passbridge_campaign_rows', `${named}: rows by what became of them.`, [
      'campaign',
      'state',
    ]),
    memoryUsed: gauge('passbridge_redis_memory_used_bytes', 'Memory that Redis has used.'),
    memoryLimit: gauge(
      'passbridge_redis_memory_limit_bytes',
      'Memory that it may use (maxmemory); absent where nobody set a limit.',
    ),
    vouchersLeft: gauge(
      'passbridge_voucher_codes_left',
      'Voucher codes that nobody has yet, by pool as the programs file names it.',
      ['pool'],
    ),
  };
  return { shared, forgetShared: forgetGauges };
}
