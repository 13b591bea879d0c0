/** Which call is in which slot, and what keeps the others empty. */

import type { Slot } from '../../../domain/monitoring/overview.ts';
import type { Heartbeat } from '../../../domain/monitoring/heartbeat.ts';
import type { QueuedJob } from '../../../domain/jobs/pass-job.ts';
import type { Stores } from '../../stores.ts';

/** A call that is out, or about to be. */
export interface CallUnderWay {
  job: QueuedJob;
  /** When its job was claimed, ms since 1970. */
  since: number;
}

interface SlotFacts {
  now: number;
  /** Calls that may be under way at once. */
  cap: number;
  underWay: readonly CallUnderWay[];
  /** The slot of each of them. */
  seats: readonly number[];
  gateMs: number;
  /** Of the processes that are alive. */
  heartbeats: readonly Heartbeat[];
}

/** Of the jobs in workers' hands those that may have been sent, the ones claimed first in front. */
export async function callsUnderWay(
  { passQueue, permits, jobs }: Pick<Stores, 'passQueue' | 'permits' | 'jobs'>,
  now: number,
): Promise<CallUnderWay[]> {
  const [inHand, busy] = await Promise.all([passQueue.inHand(), permits.busy()]);
  const outFor = await jobs.outFor(inHand);
  return (
    inHand
      .flatMap((job, nth) => {
        const ms = outFor[nth];
        return ms === undefined ? [] : [{ job, since: now - ms }];
      })
      .toSorted((a, b) => a.since - b.since || a.job.id.localeCompare(b.job.id))
      // A few more are held for their customers than are called: the next ones get ready.
      .slice(0, busy)
  );
}

export function slotsOf({ now, cap, underWay, seats, gateMs, heartbeats }: SlotFacts): Slot[] {
  const empty = emptySlot(now, gateMs, heartbeats);
  const slots: Slot[] = Array.from({ length: Math.max(cap, ...seats.map((seat) => seat + 1)) }, () => empty);
  underWay.forEach(({ job, since }, index) => {
    const { id, action, program, campaign, row } = job;
    slots[seats[index] ?? index] = { state: 'busy', since, action, program, campaign, row, job: id };
  });
  return slots;
}

/** An open breaker closes the gate as well, so it is the better reason. */
function emptySlot(now: number, gateMs: number, heartbeats: readonly Heartbeat[]): Slot {
  const breakers = heartbeats.flatMap(({ breaker }) => (breaker === undefined ? [] : [breaker]));
  const open = breakers.filter(({ state }) => state !== 'closed');
  if (open.length > 0) {
    const probes = open.map((breaker) => (breaker.state === 'open' ? breaker.until : now));
    return { state: 'breaker', until: Math.max(now, Math.min(...probes)) };
  }
  return gateMs > 0 ? { state: 'waiting', until: now + gateMs } : { state: 'idle' };
}
