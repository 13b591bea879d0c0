/** Requeues parked jobs. */

import { repeatIfReconnected } from '../../kit/redis/redis.ts';
import type { Priority } from '../../queue/names.ts';
import type { Stores } from '../stores.ts';

/** Returns the function that requeues the parked jobs of a campaign, all or those of some rows. It is idempotent. */
export function makeRequeue(
  { parked, passQueue, connects }: Pick<Stores, 'parked' | 'passQueue' | 'connects'>,
  priority: Priority,
) {
  return async (campaign: string, rows?: readonly number[]): Promise<void> => {
    const jobs = rows === undefined ? await parked.list(campaign) : await parked.ofRows(campaign, rows);
    if (jobs.length === 0) return;
    await repeatIfReconnected(connects, async () => {
      await passQueue.add(jobs, priority);
      await parked.markQueued(campaign, jobs);
    });
  };
}
