/** Keeps a long loop from blocking the event loop. */

import { setImmediate } from 'node:timers/promises';
import { monotonicClock } from '../kit/clock.ts';

/** Milliseconds that a loop may hold the event loop. */
const MAX_HOLD_MS = 20;

/**
 * Returns a function for a loop to await after each step. It lets other work run if the loop has held the
 * event loop for 20 ms, and costs next to nothing otherwise.
 */
export function makeBreather(): () => Promise<void> | undefined {
  let since = monotonicClock();
  const breathe = async () => {
    await setImmediate();
    since = monotonicClock();
  };
  return () => {
    if (monotonicClock() - since < MAX_HOLD_MS) return undefined;
    return breathe();
  };
}
