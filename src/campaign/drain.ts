/**
 * Removes the waiting jobs of a stopped campaign from the queue: jobs that wait hours for their next attempt
 * would keep the campaign from becoming idle. Jobs that a worker is processing end without help.
 */

import type { Campaign } from '../domain/campaigns/campaign.ts';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import { poll } from '../kit/poll.ts';

interface WaitingJob {
  job: QueuedJob;
  remove(): Promise<void>;
}

interface DrainOptions {
  find: (id: string) => Promise<Campaign | undefined>;
  /** A campaign's jobs waiting in the queue, in pages. */
  waiting: (id: string) => AsyncIterable<WaitingJob[]>;
  park: (job: QueuedJob) => Promise<'parked' | 'settled' | 'in-flight' | 'running'>;
}

const POLL_MS = 500;

/** Returns a function that drains one campaign until none of its jobs is in the queue or it is resumed. */
export function makeQueueDrain({ find, waiting, park }: DrainOptions) {
  const parkAll = async (id: string): Promise<'parked' | 'running'> => {
    for await (const page of waiting(id)) {
      for (const { job, remove } of page) {
        const result = await park(job);
        if (result === 'running') return 'running';
        // Parked before it is removed: a crash in between leaves the job in both, and it still runs once.
        if (result !== 'in-flight') await remove();
      }
    }
    return 'parked';
  };

  return async (id: string, signal: AbortSignal): Promise<'ended' | 'interrupted'> => {
    const ended = await poll(
      POLL_MS,
      async () => {
        const campaign = await find(id);
        if (campaign?.status !== 'stopped' || campaign.inQueue === 0) return 'ended';
        return (await parkAll(id)) === 'running' ? 'ended' : undefined;
      },
      signal,
    );
    return ended ?? 'interrupted';
  };
}
