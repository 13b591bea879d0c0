/** Which call is in which slot, and what keeps the others empty. */

import type { Slot } from '../../job/now.ts';
import type { Pulse } from '../../job/pulse.ts';
import type { InHand } from '../../queue/pass-queue.ts';
import type { Stores } from '../stores.ts';

interface SlotFacts {
  now: number;
  /** Calls that may be under way at once. */
  cap: number;
  underWay: readonly InHand[];
  /** The slot of each of them. */
  seats: readonly number[];
  gateMs: number;
  /** Of the processes that are alive. */
  pulses: readonly Pulse[];
}

/** Of the jobs in workers' hands those that may have been sent, the ones taken first in front. */
export async function callsUnderWay({
  passQueue,
  permits,
  jobs,
}: Pick<Stores, 'passQueue' | 'permits' | 'jobs'>): Promise<InHand[]> {
  const [inHand, busy] = await Promise.all([passQueue.inHand(), permits.busy()]);
  const out = await Promise.all(inHand.map(({ job }) => jobs.isOut(job)));
  // A few more are held for their customers than are called: the next ones get ready.
  return inHand.filter((_, nth) => out[nth]).slice(0, busy);
}

export function slotsOf({ now, cap, underWay, seats, gateMs, pulses }: SlotFacts): Slot[] {
  const empty = emptySlot(now, gateMs, pulses);
  const slots: Slot[] = Array.from({ length: Math.max(cap, ...seats.map((seat) => seat + 1)) }, () => empty);
  underWay.forEach(({ job, since }, index) => {
    const { id, action, program, campaign, row } = job;
    slots[seats[index] ?? index] = { state: 'busy', since, action, program, campaign, row, job: id };
  });
  return slots;
}

/** An open breaker closes the gate as well, so it is the better reason. */
function emptySlot(now: number, gateMs: number, pulses: readonly Pulse[]): Slot {
  const breakers = pulses.flatMap(({ breaker }) => (breaker === undefined ? [] : [breaker]));
  const open = breakers.filter(({ state }) => state !== 'closed');
  if (open.length > 0) {
    const probes = open.map((breaker) => (breaker.state === 'open' ? breaker.until : now));
    return { state: 'breaker', until: Math.max(now, Math.min(...probes)) };
  }
  return gateMs > 0 ? { state: 'waiting', until: now + gateMs } : { state: 'idle' };
}
