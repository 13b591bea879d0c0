/**
 * Time as a parameter, so that tests can control it. There are two kinds of time, and the types keep them apart: points
 * in time, which processes store, share and show, and durations within one process.
 */

/** Returns milliseconds since 1970. Must not be used to measure how long something takes: it may be set back or forward. */
export interface Clock {
  (): number;
  readonly kind?: 'wall';
}

/** Returns milliseconds since an arbitrary start. Never goes back or jumps, so durations and timeouts must use it. */
export interface MonotonicClock {
  (): number;
  readonly kind: 'monotonic';
}

/** Makes a monotonic clock of a function; for tests, too. */
export function makeMonotonicClock(read: () => number): MonotonicClock {
  return Object.assign(() => read(), { kind: 'monotonic' as const });
}

export const monotonicClock: MonotonicClock = makeMonotonicClock(() => performance.now());

/** The clock of this host: only for comparison with times that this host wrote, such as a file's modification. */
// oxlint-disable-next-line eslint/no-restricted-properties -- the one place that reads it
export const hostClock: Clock = Date.now;

/** The unix time at which {@link monotonicClock} was 0, by the clock of Redis; undefined until it was read. */
let epochByRedis: number | undefined;

/**
 * The clock of the installation, in whole milliseconds: the time of Redis, which all processes share, from the moment
 * this process has read it (`kit/redis/redis-clock.ts`). A wrong clock of this host, or one that is set, changes nothing.
 */
export const systemClock: Clock = () =>
  epochByRedis === undefined ? hostClock() : Math.floor(monotonicClock() + epochByRedis);

/**
 * Sets {@link systemClock} by one reading of Redis' clock: `at` is its time, in ms since 1970, read between two times
 * of the monotonic clock. A slow answer leaves room for many times; then the clock moves only as far as it must.
 */
export function setSystemClock(at: number, between: readonly [asked: number, answered: number]): void {
  const [latest, earliest] = between.map((monotonic) => at - monotonic) as [number, number];
  epochByRedis = Math.min(latest, Math.max(earliest, epochByRedis ?? (latest + earliest) / 2));
  // BullMQ computes due times, delays and the age of its locks with Date.now() and has no option for a clock: with that
  // of the host, a worker an hour ahead starts every retry at once, and one that is set back lets its locks expire.
  // oxlint-disable-next-line eslint/no-restricted-properties -- replaces it
  Date.now = systemClock;
}

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
