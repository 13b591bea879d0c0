/** Time as a parameter, so that tests can control it. */

/** Milliseconds since 1970. */
export type Clock = () => number;

export const systemClock: Clock = Date.now;

/** Whole unix seconds, the unit of both upstream APIs. */
export function unixSeconds(clock: Clock): number {
  return Math.floor(clock() / 1000);
}

/** Resolves after `ms`, or immediately when the signal aborts. Never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
