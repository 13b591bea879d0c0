import { sleep, systemClock, unixSeconds } from '../../src/kit/clock.ts';

/** Repeats `check` until it no longer throws, and returns its result. Throws its last error after `timeoutMs`. */
export async function eventually<T>(check: () => T | Promise<T>, timeoutMs = 100_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

/** Waits until the clock shows another second, for values that are compared in whole seconds. */
export async function nextSecond(): Promise<void> {
  const current = unixSeconds(systemClock);
  while (unixSeconds(systemClock) === current) await sleep(20);
}
