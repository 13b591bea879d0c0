/** Repeats a check until it has an answer: for conditions that nothing announces. */

import { sleep } from './clock.ts';

/** Returns the first result of `check` that is not undefined, or undefined once the signal aborts. Pauses `everyMs` between checks. */
export async function poll<T>(
  everyMs: number,
  check: () => Promise<T | undefined>,
  signal: AbortSignal,
): Promise<T | undefined> {
  while (!signal.aborted) {
    const result = await check();
    if (result !== undefined) return result;
    await sleep(everyMs, signal);
  }
  return undefined;
}
