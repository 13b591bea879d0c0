/**
 * Takes what a stopped campaign left in the queue out of it: jobs that wait hours for their next
 * attempt would keep it from coming to rest. What a worker is at ends by itself.
 */

import type { Campaign } from '../domain/campaigns/campaign.ts';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import { sleep } from '../kit/clock.ts';

interface WaitingJob {
  job: QueuedJob;
  remove(): Promise<void>;
}

interface ClearingOptions {
  find: (id: string) => Promise<Campaign | undefined>;
  /** A campaign's jobs that wait in the queue, in pages. */
  waiting: (id: string) => AsyncIterable<WaitingJob[]>;
  park: (job: QueuedJob) => Promise<'parked' | 'settled' | 'out' | 'running'>;
}

const POLL_MS = 500;

/** Makes the function that clears the queue of one campaign, until it is at rest or runs again. */
export function makeClearing({ find, waiting, park }: ClearingOptions) {
  return async (id: string, signal: AbortSignal): Promise<'ended' | 'interrupted'> => {
    while (!signal.aborted) {
      const campaign = await find(id);
      if (campaign?.status !== 'stopped' || campaign.inQueue === 0) return 'ended';
      for await (const page of waiting(id)) {
        for (const { job, remove } of page) {
          const parking = await park(job);
          if (parking === 'running') return 'ended';
          // Parked before it is removed: who dies in between leaves it in both places, and it is done once.
          if (parking !== 'out') await remove();
        }
      }
      await sleep(POLL_MS, signal);
    }
    return 'interrupted';
  };
}
