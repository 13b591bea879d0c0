/** Takes long-lived work on campaigns from its queue, each piece by one process at a time. */

import { DelayedError, Worker } from 'bullmq';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { RedisConnection } from '../kit/redis/redis.ts';
import type { CampaignJob } from './campaign-queue.ts';
import { keepNothing, liveness, queueNames } from './names.ts';

interface ConsumerOptions {
  redis: RedisConnection;
  prefix: string;
  /** Works to the end, or until the signal aborts; says which. */
  handle: (job: CampaignJob, signal: AbortSignal) => Promise<'ended' | 'interrupted'>;
  clock: Clock;
  log: Logger;
}

export interface CampaignConsumer {
  /** Interrupts the work at hand; another process goes on with it at once. */
  stop(): Promise<void>;
}

/** Pieces of work at once in one process: each mostly waits for room in the queue. */
const CONCURRENCY = 20;

export function startCampaignConsumer({
  redis,
  prefix,
  handle,
  clock,
  log,
}: ConsumerOptions): CampaignConsumer {
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
      // Such work resumes where it was, so being cut off, however often, is no reason to give up on it.
      maxStalledCount: 1000,
      removeOnComplete: keepNothing,
    },
  );
  worker.on('error', (error) => log.error({ event: 'queue.error', queue: queueNames.campaign, err: error }));
  worker.on('failed', (job, error) => log.error({ event: 'campaign.stumbled', job: job?.data, err: error }));

  return {
    async stop() {
      stopping.abort();
      await worker.close();
    },
  };
}
