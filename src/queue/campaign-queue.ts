/** The queue of long-lived campaign work: feeding a source into the pass queue, one job per campaign. */

import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { priorities, queueNames } from './names.ts';

/** What stands in the queue for a campaign that is to be fed. */
export interface FeedJob {
  campaign: string;
}

export interface CampaignQueue {
  /** Has a campaign fed, once however often it is asked for. */
  addFeed(campaign: string): Promise<void>;
  /** How many processes feed campaigns now. */
  feeders(): Promise<number>;
  close(): Promise<void>;
}

export function openCampaignQueue(redis: Redis, prefix: string): CampaignQueue {
  const queue = new Queue<FeedJob, void>(queueNames.campaign, {
    connection: redis,
    prefix,
    streams: { events: { maxLen: 100 } },
  });
  return {
    async addFeed(campaign) {
      await queue.add(
        'feed',
        { campaign },
        {
          jobId: `feed-${campaign}`,
          priority: priorities.campaign,
          attempts: 1000,
          backoff: { type: 'fixed', delay: 1000 },
          stackTraceLimit: 1,
        },
      );
    },
    feeders: () => queue.getWorkersCount(),
    close: () => queue.close(),
  };
}
