/** The start/stop contract of everything that runs inside the process. */

import { withDeadline } from './deadline.ts';
import type { Logger } from './logger.ts';

export interface Part {
  name: string;
  /**
   * Begins no more work from this call on; work in progress continues. Absent if the part begins none on its own.
   * Called on every part in one turn of the event loop, so that no part begins work while another one stops.
   */
  quiesce?(): void;
  /**
   * Takes jobs, or makes or watches their calls. Such a part is also quiesced on its own, while the rest of the process
   * continues.
   */
  worksOnJobs?: true;
  /** Resolves when all its work and connections have ended. */
  stop(): Promise<unknown>;
}

/** What a part gets after the grace period is over: enough for one that has nothing left to wait for. */
const LATE_PART_MS = 100;

/** Has every part begin no more work. */
export function quiesceParts(parts: readonly Part[], log: Logger): void {
  for (const part of parts) {
    try {
      part.quiesce?.();
    } catch (error) {
      log.error({ event: 'part.quiesce-failed', part: part.name, err: error });
    }
  }
}

/**
 * Quiesces all parts, then stops them in reverse order of start, within `graceMs` overall. A part that fails or exceeds
 * the time is logged and abandoned, and the others are stopped all the same; the leases of an abandoned part expire.
 */
export async function stopParts(parts: readonly Part[], graceMs: number, log: Logger): Promise<void> {
  quiesceParts(parts, log);
  const deadline = performance.now() + graceMs;
  for (const part of parts.toReversed()) {
    const leftMs = Math.max(deadline - performance.now(), LATE_PART_MS);
    const late = new Error(`did not stop within ${graceMs} ms`);
    try {
      await withDeadline(
        leftMs,
        async () => part.stop(),
        () => late,
      );
    } catch (error) {
      if (error === late) log.warn({ event: 'part.stop-timed-out', part: part.name }, 'did not stop in time');
      else log.error({ event: 'part.stop-failed', part: part.name, err: error });
    }
  }
}
