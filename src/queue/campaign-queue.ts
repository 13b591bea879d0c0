/** The queue of long-lived work on campaigns: feeding a source into the pass queue, and acts on many failures. */

import { Queue } from 'bullmq';
import type { RedisConnection } from '../kit/redis/redis.ts';
import { priorities, queueNames } from './names.ts';

/** What stands in the queue, by the name of the job. */
export type CampaignJob =
  | { kind: 'feed' | 'clear'; campaign: string }
  | { kind: 'bulk-action'; bulkAction: string };

export interface CampaignQueue {
  /** Has a campaign fed from where it stands; `resumes` is how often it was resumed. Asked for twice, it is done once. */
  addFeed(campaign: string, resumes: number): Promise<void>;
  /** Has what a stopped campaign left in the queue taken out. */
  addClear(campaign: string, resumes: number): Promise<void>;
  /** Has the act of a receipt carried out. Asked for twice, it is done once. */
  addBulkAction(bulkAction: string): Promise<void>;
  /** Pieces of such work that have not ended. */
  pending(): Promise<number>;
  /** How many processes do such work now. */
  feeders(): Promise<number>;
  close(): Promise<void>;
}

export function openCampaignQueue(redis: RedisConnection, prefix: string): CampaignQueue {
  const queue = new Queue<CampaignJob, void>(queueNames.campaign, {
    connection: redis,
    prefix,
    streams: { events: { maxLen: 100 } },
  });

  // It reconnects by itself; without a listener BullMQ would print every lost connection.
  queue.on('error', () => {});

  const add = async (jobId: string, job: CampaignJob, priority: number) => {
    await queue.add(job.kind, job, {
      jobId,
      priority,
      attempts: 1000,
      backoff: { type: 'fixed', delay: 1000 },
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
