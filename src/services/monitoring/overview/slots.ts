/** The slots of the call limiter: which call occupies each, and why the others are empty. */

import type { QueuedJob } from '../../../domain/jobs/pass-job.ts';
import type { Heartbeat } from '../../../domain/monitoring/heartbeat.ts';
import type { Slot } from '../../../domain/monitoring/overview.ts';
import type { Stores } from '../../stores.ts';
import { breakersOf } from '../blockers.ts';

export interface CallInFlight {
  job: QueuedJob;
  /** When its job was marked as sent, ms since 1970. */
  since: number;
}

interface SlotFacts {
  now: number;
  /** Calls that may be in flight at once. */
  maxInFlight: number;
  calls: readonly CallInFlight[];
  gateMs: number;
  /** Of the processes that are alive. */
  heartbeats: readonly Heartbeat[];
}

/** Returns the calls that may have been sent, oldest first. */
export async function readCallsInFlight(
  { passQueue, permits, jobs }: Pick<Stores, 'passQueue' | 'permits' | 'jobs'>,
  now: number,
): Promise<CallInFlight[]> {
  const [active, inFlight] = await Promise.all([passQueue.active(), permits.inFlight()]);
  const claimedFor = await jobs.inFlightMs(active);
  return (
    active
      .flatMap((job, index) => {
        const ms = claimedFor[index];
        return ms === undefined ? [] : [{ job, since: now - ms }];
      })
      .toSorted((a, b) => a.since - b.since || a.job.id.localeCompare(b.job.id))
      // Calls of dead workers stay marked until their jobs are taken over.
      .slice(0, inFlight)
  );
}

/** Returns the calls in flight, oldest first, then the empty slots. */
export function slotsOf({ now, maxInFlight, calls, gateMs, heartbeats }: SlotFacts): Slot[] {
  const empty = emptySlot(now, gateMs, heartbeats);
  const busy = calls.map(({ job, since }): Slot => {
    const { id, action, program, campaign, row } = job;
    return { state: 'busy', since, action, program, campaign, row, job: id };
  });
  return [...busy, ...Array.from({ length: Math.max(maxInFlight - busy.length, 0) }, () => empty)];
}

/** An open breaker also closes the gate, so it is reported first. */
function emptySlot(now: number, gateMs: number, heartbeats: readonly Heartbeat[]): Slot {
  const open = breakersOf(heartbeats);
  if (open.length > 0) {
    const probes = open.map((breaker) => (breaker.state === 'open' ? breaker.until : now));
    return { state: 'breaker', until: Math.max(now, Math.min(...probes)) };
  }
  return gateMs > 0 ? { state: 'waiting', until: now + gateMs } : { state: 'idle' };
}
