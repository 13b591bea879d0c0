/** How many jobs are in the pass queue, as a person counts them. */

import type { Stores } from './stores.ts';

export interface QueueDepth {
  /** For their turn, in the queue or in a worker's hands. */
  waiting: number;
  /** For their next attempt. */
  delayed: number;
  /** Being called. */
  active: number;
}

/** A worker has more in hand than it calls, so that the next one is there when a call ends: those wait, too. */
export async function queueDepth({
  passQueue,
  permits,
}: Pick<Stores, 'passQueue' | 'permits'>): Promise<QueueDepth> {
  const [{ waiting, delayed, active: inHand }, busy] = await Promise.all([passQueue.depth(), permits.busy()]);
  const active = Math.min(inHand, busy);
  return { waiting: waiting + inHand - active, delayed, active };
}
