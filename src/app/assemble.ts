/** Builds the stages of a worker and of a feeder, and connects them. The only module that knows all stages. */

import { bloomreachFailure } from '../bloomreach/answers.ts';
import { makeTrackingClient } from '../bloomreach/tracking.ts';
import { makeQueueDrain } from '../campaign/drain.ts';
import { makeFeeder } from '../campaign/feeder.ts';
import { makeWebhookFeeder } from '../campaign/webhook-feeder.ts';
import type { Config, ConfigWith } from '../config/config.ts';
import { costOfRepeating, unknownCodes } from '../domain/failures/unknown-create.ts';
import { monotonicClock, systemClock } from '../kit/clock.ts';
import { makeHttpClient } from '../kit/http/client.ts';
import type { Tracing } from '../kit/tracing.ts';
import type { Logger } from '../kit/logger.ts';
import { makeBulkActionRunner } from '../bulk-actions/run-bulk-action.ts';
import { startCallLimiter } from '../limiter/call-limiter.ts';
import { makePassmachineClient } from '../passmachine/client.ts';
import { passmachineFailure } from '../passmachine/answers.ts';
import { guardTokens } from '../passmachine/refusal-backoff.ts';
import { startCampaignConsumer } from '../queue/campaign-queue.ts';
import { startPassConsumer } from '../queue/pass-consumer.ts';
import { keepQueueConfig, makeAssertQueueConfig } from '../queue/queue-config.ts';
import { makeBreaker } from '../worker/breaker.ts';
import { makeCreateBreaker } from '../worker/create-breaker.ts';
import { makeHandler } from '../worker/handle.ts';
import { withBreakers } from '../worker/pass-calls.ts';
import { makeDeadLetter } from '../worker/dead-letter.ts';
import { startRelay } from '../write-back/relay.ts';
import type { FindProgram } from '../services/programs/find-program.ts';
import { editorOf } from '../services/failures/edit-rules.ts';
import { publishingAnswers } from '../services/intake/publish-answers.ts';
import { skipForgottenJob } from '../services/customers/erasure/data-locations.ts';
import {
  sourceProblem,
  makeCampaignFileOpener,
  makeConditionOpener,
} from '../services/campaigns/files/campaign-file.ts';
import { startImports } from './imports.ts';
import type { Metrics } from '../services/monitoring/metrics/metrics.ts';
import {
  instrumentAccept,
  instrumentBatches,
  instrumentCalls,
  instrumentJobs,
  instrumentOutbox,
  instrumentDeadLetter,
} from '../services/monitoring/metrics/instrument.ts';
import type { Part } from '../kit/part.ts';
import type { StoreWatch } from '../services/backup/store-watch.ts';
import type { HeartbeatPart } from '../services/monitoring/heartbeat.ts';
import { makeRequeue } from '../services/campaigns/requeue.ts';
import type { Stores } from '../services/stores.ts';
import { makeTokens, startTokenExpiryWarning } from '../services/tokens.ts';
import { startCallWatchdog } from '../services/monitoring/call-watchdog.ts';
import {
  breakerState,
  makeBreakerLog,
  tokenStatus,
  trackTokens,
} from '../services/monitoring/process-stats.ts';

interface Deps {
  config: Config;
  findProgram: FindProgram;
  stores: Stores;
  metrics: Metrics;
  log: Logger;
}

/** A configuration with the credentials of both upstreams. */
export type WorkerConfig = ConfigWith<'passmachine' | 'bloomreach'>;

const clock = systemClock;
const monotonic = monotonicClock;
const random = Math.random;

/** Bloomreach answers a batch within two seconds; a call that times out is retried. */
const BLOOMREACH_TIMEOUT_MS = 10_000;
/** Retries of a refused command: Bloomreach says that retrying rarely helps. */
const REFUSED_RETRIES = 2;

/** Starts a worker: runs jobs of the pass queue, and writes results back to Bloomreach. */
export async function startWorker(
  deps: Deps & {
    config: WorkerConfig;
    heartbeat: HeartbeatPart;
    storeWatch: StoreWatch;
    tracing?: Tracing | undefined;
  },
): Promise<Part[]> {
  const { config, findProgram, stores, heartbeat, storeWatch, tracing, log } = deps;
  const metrics = deps.metrics.own;
  const { callStats } = heartbeat;
  const { passmachine, bloomreach, writeback, retry, proxies } = config;
  const stopping = new AbortController();
  if (retry.createOnUnknown === 'retry') {
    log.warn({ event: 'creates.repeated', codes: unknownCodes }, costOfRepeating(passmachine));
  }
  const passmachineHttp = instrumentCalls(
    'passmachine',
    makeHttpClient({
      baseUrl: passmachine.url,
      timeoutMs: passmachine.timeoutMs,
      maxRetryAfterMs: retry.maxRetryAfterMs,
      stopping: stopping.signal,
      proxies,
    }),
    metrics,
  );
  const bloomreachHttp = instrumentCalls(
    'bloomreach',
    makeHttpClient({
      baseUrl: bloomreach.url,
      timeoutMs: BLOOMREACH_TIMEOUT_MS,
      maxRetryAfterMs: retry.maxRetryAfterMs,
      proxies,
      // The token is part of the URLs.
      secrets: [bloomreach.projectToken],
    }),
    metrics,
  );
  const tracking = makeTrackingClient({
    http: callStats.countCalls('bloomreach', bloomreachHttp, bloomreachFailure),
    ...bloomreach,
  });
  const renews = passmachine.account.credentials.kind === 'pair';
  const tracked = trackTokens(makeTokens(passmachine, passmachineHttp, clock), { renews, callStats, clock });
  const tokens = guardTokens(tracked, { clock, monotonic, log });
  const breaker = makeBreaker({ clock: monotonic, random });
  const creates = makeCreateBreaker({
    clock: monotonic,
    doubts: stores.createDoubts,
    canProbe: tokens.renew !== undefined,
  });
  const logBreaker = makeBreakerLog(log);
  heartbeat.addStats(() => ({
    breaker: logBreaker(breakerState(breaker, creates, clock)),
    token: tokenStatus(tracked.status(), tokens.refusal()),
  }));
  const api = makePassmachineClient({
    http: callStats.countCalls('passmachine', passmachineHttp, passmachineFailure),
    tokens,
    accountId: passmachine.account.id,
    clock,
  });
  const ledger = storeWatch.protect({ ...stores.jobs, park: stores.parked.park });
  const { handle, flushLog } = makeHandler({
    ledger,
    api: withBreakers(api, { breaker, creates }),
    findProgram,
    notificationWait: stores.notificationLimits.waitFor,
    drawVoucher: stores.vouchers.draw,
    retryDelaysMs: retry.delaysMs,
    onUnknown: retry.createOnUnknown,
    clock,
    monotonic,
    random,
    log,
  });

  const queueConfig = await keepQueueConfig(makeAssertQueueConfig(stores.redis, stores.prefix), log);
  const relay = startRelay({
    outbox: instrumentOutbox(stores.outbox, metrics),
    pauses: stores.bloomreachPauses,
    send: instrumentBatches(tracking.send, metrics),
    clock,
    monotonic,
    random,
    log,
    ...writeback,
    refusalDelaysMs: retry.delaysMs.slice(0, REFUSED_RETRIES),
  });
  const limiter = startCallLimiter({
    permits: stores.permits,
    maxInFlight: passmachine.maxInFlight,
    callTimeoutMs: passmachine.timeoutMs,
    clock: monotonic,
    log,
  });
  const watchdog = startCallWatchdog({
    limiter,
    stores,
    isBreakerOpen: () => breaker.isOpen() || creates.isOpen(),
    onChecked: (seconds) => metrics.callsStalled.set(seconds),
    clock,
    log,
  });
  heartbeat.addStats(() => {
    const stalled = watchdog.stalled();
    return stalled === undefined ? {} : { stalled };
  });
  const consumer = startPassConsumer({
    redis: stores.redis,
    prefix: stores.prefix,
    queue: stores.passQueue,
    limiter,
    maxInFlight: passmachine.maxInFlight,
    handle: instrumentJobs(publishingAnswers(handle, stores, log), metrics),
    deadLetter: instrumentDeadLetter(makeDeadLetter({ ledger, clock, log }), metrics),
    telemetry: tracing?.telemetry,
    clock,
    random,
    log,
  });
  const { imports } = writeback;
  return [
    {
      name: 'connections',
      worksOnJobs: true,
      // Also holds back calls that have a permit already and wait in a breaker, for a token or for a connection.
      quiesce: () => stopping.abort(),
      stop: () => Promise.all([passmachineHttp.close(), bloomreachHttp.close()]),
    },
    startTokenExpiryWarning(passmachine, tokens, log),
    queueConfig,
    { name: 'job log', stop: async () => flushLog() },
    { name: 'write-back relay', ...relay },
    ...(imports === undefined
      ? []
      : [startImports(stores, imports, bloomreach, { http: bloomreachHttp, log })]),
    { name: 'pass worker', worksOnJobs: true, ...consumer },
    // A worker that takes no jobs is not stalled.
    { ...watchdog, worksOnJobs: true },
  ];
}

/** Starts a feeder: reads the sources of campaigns into the queue, and runs bulk actions on failures. */
export function startFeeder({ config, findProgram, stores, metrics, log }: Deps): Part {
  const feed = makeFeeder({
    ledger: {
      ...stores.campaigns,
      accept: instrumentAccept(stores.campaigns.accept, metrics.own),
      halt: stores.campaignSwitch.halt,
    },
    enqueue: (jobs) => stores.passQueue.add(jobs, 'campaign'),
    connects: stores.connects,
    forgotten: {
      among: (jobs) => stores.forgotten.among(jobs, clock()),
      remove: async (job) => void (await skipForgottenJob(stores, job, () => stores.passQueue.remove(job))),
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
    sourceProblem,
    clock,
    log,
  });
  const [requeueSelected, requeueMany] = [
    makeRequeue(stores, 'singleRetry'),
    makeRequeue(stores, 'bulkRetry'),
  ];
  const runBulkAction = makeBulkActionRunner({
    index: stores.failures,
    actions: stores.failureActions,
    bulkActions: stores.bulkActions,
    editorOf,
    campaigns: stores.campaigns.idPages,
    find: stores.campaigns.find,
    requeue: (campaign, rows, selected) => (selected ? requeueSelected : requeueMany)(campaign, rows),
    clock,
    log,
  });
  const drain = makeQueueDrain({
    find: stores.campaigns.find,
    waiting: stores.passQueue.waiting,
    active: stores.passQueue.active,
    park: stores.parked.park,
    markDrained: stores.campaignSwitch.markDrained,
  });
  const consumer = startCampaignConsumer({
    redis: stores.redis,
    prefix: stores.prefix,
    handle: (job, signal) => {
      switch (job.kind) {
        case 'feed':
          return feed(job.campaign, signal);
        case 'clear':
          return drain(job.campaign, signal);
        case 'bulk-action':
          return runBulkAction(job.bulkAction, signal);
      }
    },
    clock,
    log,
  });
  return { name: 'feeder', worksOnJobs: true, ...consumer };
}
