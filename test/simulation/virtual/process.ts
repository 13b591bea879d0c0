/**
 * One worker process of a world: the real stages, connected as `src/app/assemble.ts` connects them, around a virtual
 * queue. The loop that takes batch jobs follows `src/queue/pass-consumer.ts`, which is a part of BullMQ's worker.
 */

import { makeTrackingClient } from '../../../src/bloomreach/tracking.ts';
import { makeFeeder } from '../../../src/campaign/feeder.ts';
import type { Source } from '../../../src/domain/campaigns/source-row.ts';
import type { Program } from '../../../src/domain/jobs/program.ts';
import { type Clock, monotonicClock, sleep } from '../../../src/kit/clock.ts';
import { isRedisReplyError } from '../../../src/kit/redis/redis.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeCampaignSwitch } from '../../../src/ledger/campaigns/campaign-switch.ts';
import { makeVouchers } from '../../../src/ledger/campaigns/vouchers.ts';
import { makeCreateDoubts } from '../../../src/ledger/jobs/create-doubts.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeNotificationLimits } from '../../../src/ledger/jobs/notification-limits.ts';
import { makeParkedJobs } from '../../../src/ledger/jobs/parked-jobs.ts';
import type { LedgerKeys } from '../../../src/ledger/keys.ts';
import { makeBloomreachPauses } from '../../../src/ledger/write-back/bloomreach-pause.ts';
import { makeOutbox } from '../../../src/ledger/write-back/outbox.ts';
import { startCallLimiter } from '../../../src/limiter/call-limiter.ts';
import { openPermits } from '../../../src/limiter/permits.ts';
import { makePassmachineClient } from '../../../src/passmachine/client.ts';
import { makeBatchJobRunner } from '../../../src/queue/batch-job-run.ts';
import type { PassQueue } from '../../../src/queue/pass-queue.ts';
import { makeRequeue } from '../../../src/services/campaigns/requeue.ts';
import { liveness } from '../../../src/queue/names.ts';
import { makeBreaker } from '../../../src/worker/breaker.ts';
import { makeCreateBreaker } from '../../../src/worker/create-breaker.ts';
import { makeDeadLetter } from '../../../src/worker/dead-letter.ts';
import { makeHandler } from '../../../src/worker/handle.ts';
import { withBreakers } from '../../../src/worker/pass-calls.ts';
import { startRelay } from '../../../src/write-back/relay.ts';
import type { HttpClient } from '../../../src/kit/http/client.ts';
import type { Logger } from '../../../src/kit/logger.ts';
import { CALL_TIMEOUT_MS } from './passmachine.ts';
import type { Taken, VirtualQueue } from './queue.ts';
import type { VirtualConnection } from './redis.ts';

interface Options {
  name: string;
  keys: LedgerKeys;
  prefix: string;
  connection: VirtualConnection;
  queue: VirtualQueue;
  passmachineHttp: HttpClient;
  bloomreachHttp: HttpClient;
  program: Program;
  sourceOf: (campaign: string) => Source;
  campaigns: readonly string[];
  cap: number;
  clock: Clock;
  random: () => number;
  onBug: (error: unknown) => void;
}

/** Days that a card counts as fresh, in ms. */
const CARD_TTL_MS = 365 * 86_400_000;
const RETRY_DELAYS_MS = [500, 2000, 5000];
/** Batch jobs that a process has at the same time, and how often it asks for one while there is none. */
const [CONCURRENCY, TAKE_MS] = [3, 200];
const RECONCILE_MS = 2000;

const isPositionLost = (error: unknown) => String(error).includes('another process feeds this campaign');

const token = async () => ({ ok: true as const, token: 'token' });
const ignore = () => {};

/** Starts the process. It runs until it dies. */
export function startVirtualProcess(options: Options): void {
  const { name, keys, prefix, connection, queue, program, cap, clock, random, onBug } = options;
  const { redis, send, connects } = connection;
  const log = silentLog(onBug);
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: CARD_TTL_MS, clock });
  const parked = makeParkedJobs(redis, keys);
  const campaigns = makeCampaignLedger(redis, keys);
  const breaker = makeBreaker({ clock: monotonicClock, random });
  const creates = makeCreateBreaker({
    clock: monotonicClock,
    doubts: makeCreateDoubts(redis, keys),
    canProbe: false,
  });
  const api = makePassmachineClient({
    http: options.passmachineHttp,
    tokens: { current: token, replace: token, timeLeftMs: () => Infinity },
    accountId: 'account',
    clock,
  });
  const ledger = { ...jobs, park: parked.park };
  const { handle } = makeHandler({
    ledger,
    api: withBreakers(api, { breaker, creates }),
    findProgram: async () => program,
    notificationWait: makeNotificationLimits(redis, keys).waitFor,
    drawVoucher: makeVouchers(redis, keys).draw,
    retryDelaysMs: RETRY_DELAYS_MS,
    onUnknown: 'hold',
    clock,
    monotonic: monotonicClock,
    random,
    log,
  });
  startRelay({
    outbox: makeOutbox(redis, keys),
    pauses: makeBloomreachPauses(redis, keys),
    send: makeTrackingClient({
      http: options.bloomreachHttp,
      projectToken: 'p',
      apiKeyId: 'k',
      apiSecret: 's',
    }).send,
    clock,
    monotonic: monotonicClock,
    random,
    log,
    batchSize: 5,
    maxWaitMs: 200,
    refusalDelaysMs: [],
  });
  const limiter = startCallLimiter({
    permits: openPermits(redis, prefix, {
      process: name,
      leaseMs: liveness.lockDuration,
      configured: { maxInFlight: cap },
    }),
    maxInFlight: cap,
    callTimeoutMs: CALL_TIMEOUT_MS,
    clock: monotonicClock,
    log,
  });
  const deadLetter = makeDeadLetter({ ledger, clock, log });
  const runBatch = makeBatchJobRunner({
    acquire: limiter.acquire,
    handle,
    queue: {
      retryLater: (job, delayMs, priority) =>
        send('retryLater', () => queue.retryLater(job, delayMs, priority)),
      async closeGate(ms, cause = 'PM_RATE_LIMITED') {
        await redis.set(keys.gate, cause, 'PX', Math.ceil(ms));
        await send('closeGate', () => queue.closeGate(ms));
        return true;
      },
    },
    log,
  });

  /** Does with one batch job what the consumer does. */
  const work = async ({ id, jobs: batch, priority }: Taken, lock: string) => {
    const before = connects();
    let checked = { connects: before, holds: Promise.resolve(true) };
    const holdsLock = () => {
      if (checked.connects !== connects()) {
        checked = { connects: connects(), holds: send('renewLock', () => queue.renew(id, lock)) };
      }
      return checked.holds;
    };
    const { remaining, reason, error } = await runBatch(batch, priority, holdsLock);
    // Whatever Redis did not report itself is a bug: of passbridge, or of the world.
    if (error !== undefined && !isRedisReplyError(error)) onBug(error);
    if (before !== connects()) return send('giveBack', () => queue.giveBack(id, lock, 1000));
    if (remaining.length === 0) return send('complete', () => queue.complete(id, lock));
    if (remaining.length < batch.length) await send('keepOnly', () => queue.keepOnly(id, remaining));
    const delayMs = error === undefined && reason !== 'gate' ? 0 : 1000;
    return send('giveBack', () => queue.giveBack(id, lock, delayMs));
  };

  let taken = 0;
  const takeLoop = async () => {
    for (;;) {
      const lock = `${name}/${(taken += 1)}`;
      const batchJob = await send('take', () => queue.take(lock));
      if (batchJob === undefined) {
        await sleep(TAKE_MS);
        continue;
      }
      let isWorking = true;
      const renewing = (async () => {
        for (;;) {
          await sleep(liveness.lockDuration / 2);
          if (!isWorking) return;
          await send('renewLock', () => queue.renew(batchJob.id, lock));
        }
      })();
      await work(batchJob, lock);
      isWorking = false;
      void renewing;
    }
  };

  const stalledLoop = async () => {
    for (;;) {
      await sleep(liveness.stalledInterval);
      for (const { id, jobs: batch, priority, attempts } of await send('stalled', () =>
        queue.checkStalled(),
      )) {
        for (const job of batch) {
          if ((await deadLetter(job, { attempts, isAlone: batch.length === 1 })) === undefined) {
            await send('retryLater', () => queue.retryLater(job, 0, priority));
          }
        }
        await send('remove', () => queue.remove(id));
      }
    }
  };

  const requeue = makeRequeue(
    {
      parked,
      connects,
      passQueue: { add: (batch, priority) => send('add', () => queue.add(batch, priority)) } as PassQueue,
    },
    'campaign',
  );

  const feed = makeFeeder({
    ledger: { ...campaigns, halt: makeCampaignSwitch(redis, keys).halt },
    enqueue: (batch) => send('add', () => queue.add(batch, 'campaign')),
    connects,
    forgotten: { among: async () => [], remove: async () => {} },
    requeue,
    feedWebhooks: async () => {},
    findProgram: async () => program,
    open: async ({ id }) => options.sourceOf(id),
    conditionOf: () => {
      throw new Error('no campaign has a condition');
    },
    sourceProblem: () => undefined,
    clock,
    log,
  });

  const feedLoop = async () => {
    for (;;) {
      for (const id of options.campaigns) {
        const campaign = await campaigns.find(id);
        if (campaign?.status !== 'running' || (campaign.fed && campaign.parked === 0)) continue;
        if (!(await send('takeFeed', () => queue.takeFeed(id, name)))) continue;
        // The position is lost after a broken connection: the next feeder continues.
        await feed(id, new AbortController().signal).catch((error: unknown) => {
          if (!isPositionLost(error)) onBug(error);
        });
        await send('endFeed', () => queue.endFeed(id, name));
      }
      await sleep(RECONCILE_MS);
    }
  };

  for (const loop of [...Array.from({ length: CONCURRENCY }, () => takeLoop), stalledLoop, feedLoop]) {
    void loop().catch(onBug);
  }
}

/** Errors in the log are bugs of passbridge, or of the world. */
function silentLog(onBug: (error: unknown) => void): Logger {
  const log = {
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (fields: { event?: string; err?: unknown }) => {
      if (fields.event === 'job.bug') onBug(fields.err);
    },
    isLevelEnabled: () => false,
    child: () => log,
  };
  return log as unknown as Logger;
}
