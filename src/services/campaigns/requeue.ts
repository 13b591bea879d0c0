/** Jobs that were parked go back into the queue. */

import { untilConnected } from '../../kit/redis/redis.ts';
import type { Priority } from '../../queue/names.ts';
import type { Stores } from '../stores.ts';

/** Makes the function that puts parked jobs of a campaign back, all or those of some rows; it may be repeated. */
export function makeRequeue(
  { parked, passQueue, connects }: Pick<Stores, 'parked' | 'passQueue' | 'connects'>,
  priority: Priority,
) {
  return async (campaign: string, rows?: readonly number[]): Promise<void> => {
    const jobs = rows === undefined ? await parked.list(campaign) : await parked.ofRows(campaign, rows);
    if (jobs.length === 0) return;
    await untilConnected(connects, async () => {
      await passQueue.add(jobs, priority);
      await parked.markQueued(campaign, jobs);
    });
  };
}
