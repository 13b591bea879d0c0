/** Spreads long synchronous work over the iterations of the event loop, so that short work runs in between. */

import { setImmediate } from 'node:timers/promises';

/** Waits for an iteration of the event loop that no other call has got, in the order of the calls. */
export type WaitForOwnIteration = () => Promise<void>;

export function makeOwnIterations(): WaitForOwnIteration {
  let last: Promise<unknown> = Promise.resolve();
  return async () => {
    const next = last.then(() => setImmediate());
    last = next;
    await next;
  };
}
