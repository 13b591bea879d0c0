/**
 * The circuit breaker of creates: bounds how many cards may be made without proof. A create that may or may not have
 * made its card ends unknown, so the first one puts all creates in doubt and no further one starts until there is proof
 * that creates work. One breaker per process; updates and notifications do not pass through it.
 *
 *   PROVEN     No create that may have been made started later than the latest create that succeeded. All are admitted.
 *   IN DOUBT   One did. Creates already in flight that started after it decide at no cost: the first that succeeds
 *              proves that creates work, and the others wait for it. If none is in flight, one create is admitted as a
 *              trial, after a call that makes nothing was answered (`needsProbe`).
 *   PAUSED     A trial may have made a card, too. No create is admitted until the pause is over, then one trial.
 *
 * An isolated 502 therefore costs about a tenth of a round trip among ten calls in flight, and one round trip alone.
 *
 * In an outage of all calls the probe fails, so no create is sent: at most those in flight at its start (10) end
 * unknown, however long it lasts. If only creates fail, each trial adds one. Pauses of 5, 15, 45, 135, 405, then 600 s
 * let trials start 0, 5, 20, 65, 200, 605, 1205, 1805, 2405 and 3005 s after the first: at most 10 in the first hour
 * and 6 in each further one, per process. The pauses have no jitter, which would allow more.
 */

import { type MonotonicClock, sleep } from '../kit/clock.ts';

interface CreateBreakerOptions {
  clock: MonotonicClock;
  /** Whether a call that makes nothing can be made at any time. If not, the first trial waits a while for an update. */
  canProbe: boolean;
}

/** How a create ended. `maybe`: it may have made a card. `nothing`: it provably made none, or was not sent. */
export type CreateEnd = 'made' | 'maybe' | 'nothing';

export type CreateAdmission =
  | { admitted: false; pauseMs: number }
  /** `needsProbe`: a call that makes nothing must succeed first; if it fails, the create ends with `nothing`. */
  | { admitted: true; needsProbe: boolean; end(result: CreateEnd): void };

export interface CreateBreaker {
  /**
   * Admits a create, which the caller must end in any case, or returns the milliseconds to wait. If other creates in
   * flight will decide, it first waits for them, for up to a second.
   */
  admit(): Promise<CreateAdmission>;
  /** Reports that Passmachine served a call, whether or not it was a create. */
  served(): void;
  /** Whether creates are paused because a trial failed. */
  isOpen(): boolean;
  /** Milliseconds until the next trial; 0 if it is due or creates are not paused. */
  pauseMs(): number;
}

/** Pauses after failed trials. */
const FIRST_PAUSE_MS = 5000;
const PAUSE_FACTOR = 3;
const MAX_PAUSE_MS = 600_000;
/** Without a call that makes nothing, the first trial gives an update this long to come first. */
const UPDATE_FIRST_MS = 2000;
/** How long a create waits for those in flight. A pause of its campaign must take effect within two seconds. */
const MAX_WAIT_MS = 1000;

export function makeCreateBreaker({ clock, canProbe }: CreateBreakerOptions): CreateBreaker {
  /** Creates are numbered in the order in which they start. */
  let lastStarted = 0;
  /** The latest-started create that succeeded, and the latest-started that may have made a card. */
  let lastMade = 0;
  let lastDoubtful = 0;
  const inFlight = new Set<number>();
  let failedTrials = 0;
  let pausedUntil = 0;
  /** Whether a call was served since the last create that may have made a card. */
  let isServed = true;
  /** Aborted when a create ends, to wake those that wait. */
  let ended = new AbortController();

  const isProven = () => lastMade >= lastDoubtful;

  const pauseMs = () => Math.max(0, pausedUntil - clock());

  const willDecide = () => [...inFlight].some((number) => number > lastDoubtful);

  const endWith = (number: number, result: CreateEnd, isTrial: boolean) => {
    if (result === 'made') {
      lastMade = Math.max(lastMade, number);
      if (isProven()) {
        failedTrials = 0;
        pausedUntil = 0;
      }
    } else if (result === 'maybe') {
      lastDoubtful = Math.max(lastDoubtful, number);
      isServed = false;
      if (isTrial) {
        pausedUntil = clock() + Math.min(FIRST_PAUSE_MS * PAUSE_FACTOR ** failedTrials, MAX_PAUSE_MS);
        failedTrials += 1;
      } else if (!canProbe) pausedUntil = Math.max(pausedUntil, clock() + UPDATE_FIRST_MS);
    } else if (isTrial) isServed = false;
  };

  const start = (): CreateAdmission => {
    const number = (lastStarted += 1);
    const isTrial = !isProven();
    inFlight.add(number);
    return {
      admitted: true,
      needsProbe: isTrial && !isServed,
      end(result) {
        inFlight.delete(number);
        endWith(number, result, isTrial);
        ended.abort();
        ended = new AbortController();
      },
    };
  };

  return {
    async admit() {
      const waitUntil = clock() + MAX_WAIT_MS;
      while (!isProven()) {
        const pause = pauseMs();
        if (pause > 0) return { admitted: false, pauseMs: pause };
        if (!willDecide()) break;
        const left = waitUntil - clock();
        if (left <= 0) return { admitted: false, pauseMs: MAX_WAIT_MS };
        const { signal } = ended;
        await sleep(left, signal);
        if (!signal.aborted) return { admitted: false, pauseMs: MAX_WAIT_MS };
      }
      return start();
    },
    served() {
      isServed = true;
      // Without a probe, the pause only gives such a call the time to come first.
      if (failedTrials === 0) pausedUntil = 0;
    },
    isOpen: () => failedTrials > 0,
    pauseMs,
  };
}
