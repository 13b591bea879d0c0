/** How many jobs are in the pass queue, and how long they have been there, as a person counts them. */

import type { Stores } from '../stores.ts';

export interface QueueDepth {
  jobs: {
    /** For their turn, in the queue or in a worker's hands. */
    waiting: number;
    /** For their next attempt. */
    delayed: number;
    /** Being called. */
    active: number;
  };
  /** When (ms) the job that has waited longest for its turn was added; undefined where none waits. */
  oldestAt: number | undefined;
}

/** A worker has more in hand than it calls, so that the next one is there when a call ends: those wait, too. */
export async function queueDepth({
  passQueue,
  permits,
}: Pick<Stores, 'passQueue' | 'permits'>): Promise<QueueDepth> {
  const [{ waiting, delayed, active: inHand }, oldest, busy] = await Promise.all([
    passQueue.depth(),
    passQueue.oldestAt(),
    permits.busy(),
  ]);
  const active = Math.min(inHand, busy);
  const since = [oldest.waiting, inHand > active ? oldest.inHand : undefined].filter(
    (at) => at !== undefined,
  );
  return {
    jobs: { waiting: waiting + inHand - active, delayed, active },
    oldestAt: since.length === 0 ? undefined : Math.min(...since),
  };
}
