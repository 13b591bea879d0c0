/** Shares one result of a costly read among many callers. */

import { type MonotonicClock, monotonicClock } from './clock.ts';

interface ReuseOptions {
  /** For this long a result is returned as it is. */
  freshMs: number;
  /** For this long it is still returned, while the next one is being read. */
  staleMs: number;
  clock?: MonotonicClock;
}

/** Returns a function that calls `read` at most once per `freshMs`, and never twice at the same time. */
export function reuse<T>(
  read: () => Promise<T>,
  { freshMs, staleMs, clock = monotonicClock }: ReuseOptions,
): () => Promise<T> {
  let last: { value: T; at: number } | undefined;
  let reading: Promise<T> | undefined;

  const start = async (): Promise<T> => {
    const at = clock();
    try {
      const value = await read();
      last = { value, at };
      return value;
    } finally {
      reading = undefined;
    }
  };

  return async () => {
    const age = last === undefined ? Infinity : clock() - last.at;
    if (last !== undefined && age < freshMs) return last.value;
    reading ??= start();
    if (last === undefined || age >= staleMs) return reading;
    // The caller has a result; a failure is reported to the first that has none.
    reading.catch(() => {});
    return last.value;
  };
}
