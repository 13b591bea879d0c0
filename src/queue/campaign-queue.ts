/**
 * The queue of long-running work on campaigns, and the worker that processes it: feeding a source into the pass
 * queue, removing the jobs of a stopped campaign, and running bulk actions. One process works on each job at a time.
 */

import { DelayedError, Queue, Worker } from 'bullmq';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { RedisConnection } from '../kit/redis/redis.ts';
import { jobOptions, keepNothing, liveness, priorities, queueNames } from './names.ts';

export type CampaignJob =
  | { kind: 'feed' | 'clear'; campaign: string }
  | { kind: 'bulk-action'; bulkAction: string };

export interface CampaignQueue {
  /** Feeds a campaign from where it stopped. `resumes`: how many times it was resumed. Adding it twice adds it once. */
  addFeed(campaign: string, resumes: number): Promise<void>;
  /** Removes a stopped campaign's jobs from the pass queue. */
  addClear(campaign: string, resumes: number): Promise<void>;
  /** Runs a bulk action. Adding it twice adds it once. */
  addBulkAction(bulkAction: string): Promise<void>;
  /** Returns the number of jobs that have not ended. */
  pending(): Promise<number>;
  /** Returns the number of processes that work on this queue now. */
  feeders(): Promise<number>;
  close(): Promise<void>;
}

export function openCampaignQueue(redis: RedisConnection, prefix: string): CampaignQueue {
  const queue = new Queue<CampaignJob, void>(queueNames.campaign, {
    connection: redis,
    prefix,
    streams: { events: { maxLen: 100 } },
  });

  // It reconnects on its own; without a listener BullMQ would print every lost connection.
  queue.on('error', () => {});

  const add = async (jobId: string, job: CampaignJob, priority: number) => {
    await queue.add(job.kind, job, jobOptions(jobId, priority));
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
  clock: Clock;
  log: Logger;
}

export interface CampaignConsumer {
  /** Interrupts the current jobs; other processes continue them immediately. */
  stop(): Promise<void>;
}

/** Concurrent jobs per process. They mostly wait for room in the pass queue. */
const CONCURRENCY = 20;

export function startCampaignConsumer(options: ConsumerOptions): CampaignConsumer {
  const { redis, prefix, handle, clock, log } = options;
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
      // A job resumes where it stopped, so stalling, however often, is no reason to fail it.
      maxStalledCount: 1000,
      removeOnComplete: keepNothing,
    },
  );
  worker.on('error', (error) => log.error({ event: 'queue.error', queue: queueNames.campaign, err: error }));
  worker.on('failed', (job, error) =>
    log.error({ event: 'campaign-job.failed', job: job?.data, err: error }),
  );

  return {
    async stop() {
      stopping.abort();
      await worker.close();
    },
  };
}
