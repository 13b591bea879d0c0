/** Jobs that were parked go back into the queue. */

import type { Priority } from '../queue/names.ts';
import type { Stores } from './stores.ts';

/** Makes the function that puts all parked jobs of a campaign back and says how many; it may be repeated. */
export function makePutBack({ parked, passQueue }: Pick<Stores, 'parked' | 'passQueue'>, priority: Priority) {
  return async (campaign: string): Promise<number> => {
    const jobs = await parked.list(campaign);
    if (jobs.length > 0) await passQueue.add(jobs, priority);
    await parked.markQueued(campaign, jobs);
    return jobs.length;
  };
}
