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
  /** Jobs that a worker has taken, of all campaigns. */
  active: () => Promise<readonly Pick<QueuedJob, 'campaign'>[]>;
  park: (job: QueuedJob) => Promise<'parked' | 'settled' | 'in-flight' | 'running'>;
  /** Records that nothing of the campaign is in the queue. */
  markDrained: (id: string) => Promise<void>;
}

const POLL_MS = 500;

/** A job may move from one list of the queue to another between two looks at them. */
const EMPTY_ROUNDS = 2;

/** Returns a function that drains one campaign until none of its jobs is in the queue or it is resumed. */
export function makeQueueDrain({ find, waiting, active, park, markDrained }: DrainOptions) {
  const parkAll = async (id: string): Promise<'none' | 'parked' | 'running'> => {
    let found: 'none' | 'parked' = 'none';
    for await (const page of waiting(id)) {
      for (const { job, remove } of page) {
        found = 'parked';
        const result = await park(job);
        if (result === 'running') return 'running';
        // Parked before it is removed: a crash in between leaves the job in both, and it still runs once.
        if (result !== 'in-flight') await remove();
      }
    }
    return found;
  };

  return async (id: string, signal: AbortSignal): Promise<'ended' | 'interrupted'> => {
    let emptyRounds = 0;
    const ended = await poll(
      POLL_MS,
      async () => {
        const campaign = await find(id);
        if (campaign?.status !== 'stopped' || campaign.inQueue === 0) return 'ended';
        const found = await parkAll(id);
        if (found === 'running') return 'ended';
        const isEmpty = found === 'none' && (await active()).every(({ campaign: other }) => other !== id);
        emptyRounds = isEmpty ? emptyRounds + 1 : 0;
        if (emptyRounds < EMPTY_ROUNDS) return undefined;
        // Rows are counted before they are queued: after a crash in between no job of them exists.
        await markDrained(id);
        return 'ended';
      },
      signal,
    );
    return ended ?? 'interrupted';
  };
}
