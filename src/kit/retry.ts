/** For the few writes that must not be given up at the first refusal. */

import { sleep } from './clock.ts';

interface RetryOptions {
  times: number;
  pauseMs: number;
}

/** Does the work again after an error, up to `times` in all; then the last error is thrown. */
export async function insist<T>(work: () => Promise<T>, { times, pauseMs }: RetryOptions): Promise<T> {
  for (let time = 1; ; time += 1) {
    try {
      return await work();
    } catch (error) {
      if (time === times) throw error;
      await sleep(pauseMs);
    }
  }
}
