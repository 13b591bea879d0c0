/**
 * The queue of long-running work on campaigns, and the worker that processes it: feeding a source into the pass
 * queue, removing the jobs of a stopped campaign, and running bulk actions. One process works on each job at a time.
 * A job that throws is tried again for ever: the work it stands for remains, and only the cause can be removed.
 */

import { DelayedError, type JobState, Queue, Worker } from 'bullmq';
import type { Clock } from '../kit/clock.ts';
import { type Logger, makeLogThrottle } from '../kit/logger.ts';
import type { RedisConnection } from '../kit/redis/redis.ts';
import { keepNothing, liveness, priorities, queueNames } from './names.ts';

export type CampaignJob =
  | { kind: 'feed' | 'clear'; campaign: string }
  | { kind: 'bulk-action'; bulkAction: string };

export interface CampaignQueue {
  /**
   * Feeds a campaign from where it stopped. `resumes`: how many times it was resumed. This and the methods below add a
   * job once, however often they are called while it waits or runs, and replace one that can never run again.
   */
  addFeed(campaign: string, resumes: number): Promise<void>;
  /** Removes a stopped campaign's jobs from the pass queue. */
  addClear(campaign: string, resumes: number): Promise<void>;
  /** Runs a bulk action. */
  addBulkAction(bulkAction: string): Promise<void>;
  /** Returns the number of jobs that have not ended. */
  pending(): Promise<number>;
  /** Returns the number of processes that work on this queue now. */
  feeders(): Promise<number>;
  close(): Promise<void>;
}

/** States of a job that a worker has taken or will take. */
const aliveStates = new Set<JobState | 'unknown'>(['waiting', 'prioritized', 'delayed', 'active']);

export function openCampaignQueue(redis: RedisConnection, prefix: string): CampaignQueue {
  const queue = new Queue<CampaignJob, void>(queueNames.campaign, {
    connection: redis,
    prefix,
    streams: { events: { maxLen: 100 } },
  });

  // It reconnects on its own; without a listener BullMQ would print every lost connection.
  queue.on('error', () => {});

  const add = async (jobId: string, job: CampaignJob, priority: number) => {
    if (aliveStates.has(await queue.getJobState(jobId))) return;
    // BullMQ ignores an id whose job failed for good, or is in no list: a dead end. Does nothing without such a job.
    await queue.remove(jobId);
    await queue.add(job.kind, job, {
      jobId,
      priority,
      attempts: Number.MAX_SAFE_INTEGER,
      backoff: { type: 'custom' },
      stackTraceLimit: 1,
    });
  };

  return {
    addFeed: (campaign, resumes) =>
      add(`feed-${campaign}-${resumes}`, { kind: 'feed', campaign }, priorities.campaign),
    addClear: (campaign, resumes) =>
      add(`clear-${campaign}-${resumes}`, { kind: 'clear', campaign }, priorities.singleRetry),
    addBulkAction: (bulkAction) =>
      add(`bulk-action-${bulkAction}`, { kind: 'bulk-action', bulkAction }, priorities.bulkRetry),
    pending: () => queue.getJobCountByTypes('active', 'wait', 'prioritized', 'delayed'),
    feeders: () => queue.getWorkersCount(),
    close: () => queue.close(),
  };
}

interface ConsumerOptions {
  redis: RedisConnection;
  prefix: string;
  /** Works until the job ends or the signal aborts, and returns which. */
  handle: (job: CampaignJob, signal: AbortSignal) => Promise<'ended' | 'interrupted'>;
  /** Milliseconds before the next attempt of a job that threw, after this number of attempts. */
  retryDelay?: (attempts: number) => number;
  clock: Clock;
  log: Logger;
}

export interface CampaignConsumer {
  /** Takes no more jobs and interrupts the current ones; other processes continue them immediately. */
  quiesce(): void;
  /** Also waits until the current jobs are given back. */
  stop(): Promise<void>;
}

/** Concurrent jobs per process. They mostly wait for room in the pass queue, or for hours because of their sending rate. */
const CONCURRENCY = 100;

const FIRST_RETRY_MS = 1000;
/** Bounds how long a campaign waits after its source can be read again. */
const LAST_RETRY_MS = 30_000;

const growingDelay = (attempts: number) => Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS);

export function startCampaignConsumer(options: ConsumerOptions): CampaignConsumer {
  const { redis, prefix, handle, retryDelay = growingDelay, clock, log } = options;
  const stopping = new AbortController();
  const worker = new Worker<CampaignJob, void>(
    queueNames.campaign,
    async (job, token) => {
      if ((await handle(job.data, stopping.signal)) === 'ended') return;
      await job.moveToDelayed(clock(), token);
      throw new DelayedError();
    },
    {
      connection: redis,
      prefix,
      concurrency: CONCURRENCY,
      ...liveness,
      settings: { backoffStrategy: retryDelay },
      // A job resumes where it stopped, so stalling, however often, is no reason to fail it.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnComplete: keepNothing,
    },
  );
  const isDue = makeLogThrottle();
  worker.on('error', (error) => {
    if (isDue(error)) log.error({ event: 'queue.error', queue: queueNames.campaign, err: error });
  });
  worker.on('failed', (job, error) =>
    log.error({ event: 'campaign-job.failed', job: job?.data, err: error }),
  );

  let closed: Promise<void> | undefined;
  const close = () => {
    stopping.abort();
    return (closed ??= worker.close());
  };

  return {
    // `stop` reports its error.
    quiesce: () => void close().catch(() => {}),
    stop: close,
  };
}
