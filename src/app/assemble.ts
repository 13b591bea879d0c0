/** Builds the stages and hands each its neighbours, by role. The only place that knows them all. */

import { makeTrackingClient } from '../bloomreach/tracking.ts';
import { makeClearing } from '../campaign/clearing.ts';
import { makeFeeder } from '../campaign/feeder.ts';
import { makeHitFeeder } from '../campaign/hit-feeder.ts';
import type { Config, ConfigWith } from '../config/config.ts';
import type { Programs } from '../config/programs.ts';
import { systemClock } from '../kit/clock.ts';
import { makeHttpClient } from '../kit/http.ts';
import type { Logger } from '../kit/logger.ts';
import type { Metrics } from '../kit/metrics.ts';
import { makeBulkRetry } from '../ops/bulk-retry.ts';
import { makePassmachineClient } from '../passmachine/client.ts';
import { startCampaignConsumer } from '../queue/campaign-consumer.ts';
import { startPassConsumer } from '../queue/pass-consumer.ts';
import { makeBreaker } from '../worker/breaker.ts';
import { guardedApi } from '../worker/guarded-api.ts';
import { makeHandler } from '../worker/handle.ts';
import { startRelay } from '../writeback/relay.ts';
import { answering } from './doors/answering.ts';
import { faultOfSource, makeCampaignFileOpener, makeConditionOpener } from './sources/campaign-file.ts';
import { startImports } from './imports.ts';
import { holdLimits } from './limits.ts';
import { observed } from './observe.ts';
import type { Part } from './part.ts';
import { makePutBack } from './put-back.ts';
import type { Stores } from './stores.ts';
import { makeTokens, warnOfTokenEnd } from './tokens.ts';

interface Surroundings {
  config: Config;
  programs: Programs;
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
export async function startWorker(surroundings: Surroundings & { config: WorkerConfig }): Promise<Part[]> {
  const { config, programs, stores, metrics, log } = surroundings;
  const { passmachine, bloomreach, writeback, retry } = config;
  const passmachineHttp = makeHttpClient({ baseUrl: passmachine.url, timeoutMs: passmachine.timeoutMs });
  const bloomreachHttp = makeHttpClient({ baseUrl: bloomreach.url, timeoutMs: BLOOMREACH_TIMEOUT_MS });
  const tracking = makeTrackingClient({ http: bloomreachHttp, ...bloomreach });
  const tokens = makeTokens(passmachine, passmachineHttp, clock);
  const api = makePassmachineClient({
    http: passmachineHttp,
    tokens,
    accountId: passmachine.account.id,
    clock,
  });
  const handler = makeHandler({
    ledger: { ...stores.jobs, park: stores.parked.park },
    api: guardedApi(api, makeBreaker({ clock, random })),
    programs,
    ringWait: stores.rings.waitFor,
    retryDelaysMs: retry.delaysMs,
    onUnknown: retry.createOnUnknown,
    clock,
    random,
    log,
  });

  const limits = await holdLimits(stores.passLimits, log);
  const relay = startRelay({
    outbox: stores.outbox,
    send: tracking.send,
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
    concurrency: passmachine.maxInFlight,
    handle: observed(answering(handler.handle, stores, log), metrics),
    setAside: handler.setAside,
    clock,
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

/** Does the long-lived work on campaigns: reads their sources into the queue, sends failures again. */
export function startFeeder({ config, programs, stores, log }: Omit<Surroundings, 'metrics'>): Part {
  const feed = makeFeeder({
    ledger: { ...stores.campaigns, halt: stores.campaignSwitch.halt },
    enqueue: (jobs) => stores.passQueue.add(jobs, 'campaign'),
    putBack: makePutBack(stores, 'campaign'),
    feedHits: makeHitFeeder({
      find: stores.campaigns.find,
      firstOpenRow: stores.campaigns.firstOpenRow,
      putBack: makePutBack(stores, 'webhook'),
    }),
    programs,
    open: makeCampaignFileOpener(config.customers.idTypes),
    conditionOf: makeConditionOpener(),
    faultOfSource,
    clock,
    log,
  });
  const retry = makeBulkRetry({
    index: stores.failures,
    find: stores.campaigns.find,
    putBack: makePutBack(stores, 'bulkRetry'),
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
        case 'retry':
          return retry(job.order, signal);
      }
    },
    clock,
    log,
  });
  return { name: 'feeder', stop: consumer.stop };
}
