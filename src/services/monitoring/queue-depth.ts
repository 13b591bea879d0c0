/** The depth of the pass queue as operators count it: prefetched jobs are waiting, not active. */

import type { Stores } from '../stores.ts';

export interface QueueDepth {
  jobs: {
    /** Jobs not yet started, in the queue or prefetched by a worker. */
    waiting: number;
    /** Jobs that wait for their next attempt. */
    delayed: number;
    /** Jobs whose call is in flight. */
    active: number;
  };
  /** When (ms) the job that has waited longest was added; undefined if none is waiting. */
  oldestAt: number | undefined;
}

export async function readQueueDepth({
  passQueue,
  permits,
}: Pick<Stores, 'passQueue' | 'permits'>): Promise<QueueDepth> {
  const [{ waiting, delayed, active: takenByWorkers }, oldest, inFlight] = await Promise.all([
    passQueue.depth(),
    passQueue.oldestAt(),
    permits.inFlight(),
  ]);
  const active = Math.min(takenByWorkers, inFlight);
  const prefetched = takenByWorkers - active;
  const times = [oldest.waiting, prefetched > 0 ? oldest.active : undefined].filter((at) => at !== undefined);
  return {
    jobs: { waiting: waiting + prefetched, delayed, active },
    oldestAt: times.length === 0 ? undefined : Math.min(...times),
  };
}
