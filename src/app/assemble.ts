/** Builds the stages and hands each its neighbours, by role. The only place that knows them all. */

import { batchFailure } from '../bloomreach/failure-map.ts';
import { makeTrackingClient } from '../bloomreach/tracking.ts';
import { makeClearing } from '../campaign/clearing.ts';
import { makeFeeder } from '../campaign/feeder.ts';
import { makeWebhookFeeder } from '../campaign/webhook-feeder.ts';
import type { Config, ConfigWith } from '../config/config.ts';
import { systemClock } from '../kit/clock.ts';
import { makeHttpClient } from '../kit/http/http.ts';
import type { Tracing } from '../kit/tracing.ts';
import type { Logger } from '../kit/logger.ts';
import { makeBulkActionRunner } from '../bulk-actions/run-bulk-action.ts';
import { makePassmachineClient } from '../passmachine/client.ts';
import { createFailure } from '../passmachine/failure-map.ts';
import { startCampaignConsumer } from '../queue/campaign-consumer.ts';
import { startPassConsumer } from '../queue/pass-consumer.ts';
import { makeBreaker } from '../worker/breaker.ts';
import { guardedApi } from '../worker/guarded-api.ts';
import { makeHandler } from '../worker/handle.ts';
import { makeDeadLetter } from '../worker/dead-letter.ts';
import { startRelay } from '../write-back/relay.ts';
import type { FindProgram } from '../services/programs/find-program.ts';
import { makeEditors } from '../services/failures/edit-rules.ts';
import { answering } from '../services/intake/answering.ts';
import { removeJob } from '../services/customers/erasure/job-records.ts';
import {
  faultOfSource,
  makeCampaignFileOpener,
  makeConditionOpener,
} from '../services/campaigns/files/campaign-file.ts';
import { startImports } from './imports.ts';
import { holdLimits } from '../services/limits.ts';
import { observedCalls } from '../services/monitoring/metrics/calls.ts';
import type { Metrics } from '../services/monitoring/metrics/metrics.ts';
import {
  observedBatches,
  observedRowFilter,
  observedJobs,
  observedOutbox,
  observedDeadLetter,
} from '../services/monitoring/metrics/observe.ts';
import type { Part } from '../kit/part.ts';
import type { HeartbeatPart } from '../services/monitoring/heartbeat.ts';
import { makeRequeue } from '../services/campaigns/requeue.ts';
import type { Stores } from '../services/stores.ts';
import { makeTokens, warnOfTokenEnd } from '../services/tokens.ts';
import { breakerState, watchedTokens } from '../services/monitoring/process-stats.ts';

interface Deps {
  config: Config;
  findProgram: FindProgram;
  stores: Stores;
  metrics: Metrics;
  log: Logger;
}

/** What it takes to call both sides. */
export type WorkerConfig = ConfigWith<'passmachine' | 'bloomreach'>;

const clock = systemClock;
const random = Math.random;

/** Bloomreach answers a batch within a second or two; a call that takes longer is sent again. */
const BLOOMREACH_TIMEOUT_MS = 10_000;
/** A refused command is tried this often again: by Bloomreach's own words it seldom helps. */
const REFUSED_TRIES = 2;

/** Works the pass queue and carries results home. */
export async function startWorker(
  deps: Deps & { config: WorkerConfig; heartbeat: HeartbeatPart; tracing?: Tracing | undefined },
): Promise<Part[]> {
  const { config, findProgram, stores, heartbeat, tracing, log } = deps;
  const metrics = deps.metrics.own;
  const { callStats } = heartbeat;
  const { passmachine, bloomreach, writeback, retry } = config;
  const passmachineHttp = observedCalls(
    'passmachine',
    makeHttpClient({ baseUrl: passmachine.url, timeoutMs: passmachine.timeoutMs }),
    metrics,
  );
  const bloomreachHttp = observedCalls(
    'bloomreach',
    makeHttpClient({
      baseUrl: bloomreach.url,
      timeoutMs: BLOOMREACH_TIMEOUT_MS,
      // It stands in the addresses that are called.
      secrets: [bloomreach.projectToken],
    }),
    metrics,
  );
  const tracking = makeTrackingClient({
    http: callStats.counted('bloomreach', bloomreachHttp, batchFailure),
    ...bloomreach,
  });
  const renews = passmachine.account.credentials.kind === 'pair';
  const tokens = watchedTokens(makeTokens(passmachine, passmachineHttp, clock), { renews, callStats, clock });
  const breaker = makeBreaker({ clock, random });
  heartbeat.tellsOf(() => ({ breaker: breakerState(breaker, clock), token: tokens.told() }));
  const api = makePassmachineClient({
    http: callStats.counted('passmachine', passmachineHttp, createFailure),
    tokens,
    accountId: passmachine.account.id,
    clock,
  });
  const ledger = { ...stores.jobs, park: stores.parked.park };
  const { handle } = makeHandler({
    ledger,
    api: guardedApi(api, breaker),
    findProgram,
    notificationWait: stores.rings.waitFor,
    drawVoucher: stores.vouchers.draw,
    retryDelaysMs: retry.delaysMs,
    onUnknown: retry.createOnUnknown,
    clock,
    random,
    log,
  });

  const limits = await holdLimits(stores.passLimits, log);
  const relay = startRelay({
    outbox: observedOutbox(stores.outbox, metrics),
    send: observedBatches(tracking.send, metrics),
    clock,
    random,
    log,
    ...writeback,
    refusalDelaysMs: retry.delaysMs.slice(0, REFUSED_TRIES),
  });
  const consumer = startPassConsumer({
    redis: stores.redis,
    prefix: stores.prefix,
    queue: stores.passQueue,
    permits: stores.permits,
    maxInFlight: passmachine.maxInFlight,
    callMs: passmachine.timeoutMs,
    handle: observedJobs(answering(handle, stores, log), metrics),
    deadLetter: observedDeadLetter(makeDeadLetter({ ledger, clock, log }), metrics),
    telemetry: tracing?.telemetry,
    clock,
    random,
    log,
  });
  const { imports } = writeback;
  return [
    { name: 'connections', stop: () => Promise.all([passmachineHttp.close(), bloomreachHttp.close()]) },
    warnOfTokenEnd(passmachine, tokens, log),
    limits,
    { name: 'write-back relay', stop: relay.stop },
    ...(imports === undefined
      ? []
      : [startImports(stores, imports, bloomreach, { http: bloomreachHttp, log })]),
    { name: 'pass worker', stop: consumer.stop },
  ];
}

/** Does the long-lived work on campaigns: reads their sources into the queue, acts on many failures. */
export function startFeeder({ config, findProgram, stores, metrics, log }: Deps): Part {
  const feed = makeFeeder({
    ledger: {
      ...stores.campaigns,
      accept: observedRowFilter(stores.campaigns.accept, metrics.own),
      halt: stores.campaignSwitch.halt,
    },
    enqueue: (jobs) => stores.passQueue.add(jobs, 'campaign'),
    connects: stores.connects,
    forgotten: {
      among: (jobs) => stores.forgotten.among(jobs, clock()),
      restore: async (job) => void (await removeJob(stores, job, () => stores.passQueue.remove(job))),
    },
    requeue: makeRequeue(stores, 'campaign'),
    feedWebhooks: makeWebhookFeeder({
      find: stores.campaigns.find,
      firstOpenRow: stores.campaigns.firstOpenRow,
      requeue: makeRequeue(stores, 'webhook'),
    }),
    findProgram,
    open: makeCampaignFileOpener(config.customers.idTypes),
    conditionOf: makeConditionOpener(),
    faultOfSource,
    clock,
    log,
  });
  const [requeuePicked, requeueMany] = [makeRequeue(stores, 'singleRetry'), makeRequeue(stores, 'bulkRetry')];
  const runBulkAction = makeBulkActionRunner({
    index: stores.failures,
    acts: stores.failureActions,
    bulkActions: stores.bulkActions,
    editorOf: makeEditors(),
    campaigns: stores.campaigns.ids,
    find: stores.campaigns.find,
    requeue: (campaign, rows, picked) => (picked ? requeuePicked : requeueMany)(campaign, rows),
    clock,
    log,
  });
  const clear = makeClearing({
    find: stores.campaigns.find,
    waiting: stores.passQueue.waiting,
    park: stores.parked.park,
  });
  const consumer = startCampaignConsumer({
    redis: stores.redis,
    prefix: stores.prefix,
    handle: (job, signal) => {
      switch (job.kind) {
        case 'feed':
          return feed(job.campaign, signal);
        case 'clear':
          return clear(job.campaign, signal);
        case 'bulk-action':
          return runBulkAction(job.bulkAction, signal);
      }
    },
    clock,
    log,
  });
  return { name: 'feeder', stop: consumer.stop };
}
