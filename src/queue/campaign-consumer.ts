/** Takes campaigns from their queue and has them fed, each by one process at a time. */

import { DelayedError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { FeedJob } from './campaign-queue.ts';
import { keepNothing, liveness, queueNames } from './names.ts';

interface ConsumerOptions {
  redis: Redis;
  prefix: string;
  /** Feeds until the source is at its end, or the signal aborts; says which. */
  feed: (campaign: string, signal: AbortSignal) => Promise<'fed' | 'interrupted'>;
  clock: Clock;
  log: Logger;
}

export interface CampaignConsumer {
  /** Interrupts the campaigns being fed; another process goes on with them at once. */
  stop(): Promise<void>;
}

/** Campaigns fed at once by one process. */
const CONCURRENCY = 2;

export function startCampaignConsumer({
  redis,
  prefix,
  feed,
  clock,
  log,
}: ConsumerOptions): CampaignConsumer {
  const stopping = new AbortController();
  const worker = new Worker<FeedJob, void>(
    queueNames.campaign,
    async (job, token) => {
      if ((await feed(job.data.campaign, stopping.signal)) === 'fed') return;
      await job.moveToDelayed(clock(), token);
      throw new DelayedError();
    },
    {
      connection: redis,
      prefix,
      concurrency: CONCURRENCY,
      ...liveness,
      // A feeder resumes where it was, so being cut off, however often, is no reason to give up on it.
      maxStalledCount: 1000,
      removeOnComplete: keepNothing,
    },
  );
  worker.on('error', (error) => log.error({ event: 'queue.error', queue: queueNames.campaign, err: error }));
  worker.on('failed', (job, error) =>
    log.error({ event: 'campaign.feed-failed', campaign: job?.data.campaign, err: error }),
  );

  return {
    async stop() {
      stopping.abort();
      await worker.close();
    },
  };
}
