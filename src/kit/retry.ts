/** Retries of single writes that must survive a short outage. */

import { sleep } from './clock.ts';

interface RetryOptions {
  /** Attempts in all, the first included. */
  times: number;
  pauseMs: number;
}

/** Runs the work up to `times` times and throws the error of the last attempt. */
export async function retry<T>(work: () => Promise<T>, { times, pauseMs }: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === times) throw error;
      await sleep(pauseMs);
    }
  }
}
