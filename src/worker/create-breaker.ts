/**
 * The circuit breaker of creates: bounds how many cards may be made without proof. A create that may or may not have
 * made its card ends unknown, so the first one puts all creates in doubt and no further one starts until there is proof
 * that creates work. Updates and notifications do not pass through it.
 *
 *   PROVEN     No create that may have been made started later than the latest create that succeeded. All are admitted.
 *   IN DOUBT   One did. Creates already in flight that started after it decide at no cost: the first that succeeds
 *              proves that creates work, and the others wait for it. If none is in flight, one create is admitted as a
 *              trial, after a call that makes nothing was answered (`needsProbe`).
 *   PAUSED     A trial may have made a card, too. No create is admitted until the pause is over, then one trial.
 *
 * An isolated 502 therefore costs about a tenth of a round trip among ten calls in flight, and one round trip alone.
 *
 * Each process has one, and a trial needs the permission of all of them: see {@link CreateDoubts}. From then until it
 * succeeds, the ledger grants no other claim of a create, so a process that has seen no failure, or has just been
 * started, adds none either.
 *
 * In an outage of all calls the probe fails, so no create is sent: at most those in flight at its start (10) end
 * unknown, however long it lasts. If only creates fail, each trial adds one, at most 10 in the first hour.
 */

import { type MonotonicClock, sleep } from '../kit/clock.ts';
import { retryRedis } from './ledger.ts';

/** The doubt that all processes share. */
export interface CreateDoubts {
  /**
   * Requests the right to send a trial. `isShared`: this process knows that creates are in doubt for all; if they no
   * longer are, the answer is `proven`.
   */
  beginTrial(options: {
    isShared: boolean;
  }): Promise<{ kind: 'granted' | 'proven' } | { kind: 'wait'; waitMs: number; isPaused: boolean }>;
  /** Returns how long no trial may begin, ms. */
  endTrial(result: CreateEnd): Promise<number>;
}

interface CreateBreakerOptions {
  clock: MonotonicClock;
  doubts: CreateDoubts;
  /** Whether a call that makes nothing can be made at any time. If not, the first trial waits a while for an update. */
  canProbe: boolean;
}

/** How a create ended. `maybe`: it may have made a card. `nothing`: it provably made none, or was not sent. */
export type CreateEnd = 'made' | 'maybe' | 'nothing';

export type CreateAdmission =
  | { admitted: false; pauseMs: number }
  /**
   * `isTrial`: its claim must be granted although creates are in doubt. `needsProbe`: a call that makes nothing must
   * succeed first; if it fails, the create ends with `nothing`.
   */
  | { admitted: true; isTrial: boolean; needsProbe: boolean; end(result: CreateEnd): void };

export interface CreateBreaker {
  /**
   * Admits a create, which the caller must end in any case, or returns the milliseconds to wait. If other creates in
   * flight will decide, it first waits for them, for up to a second.
   */
  admit(): Promise<CreateAdmission>;
  /** Reports that Passmachine served a call, whether or not it was a create. */
  served(): void;
  /** Reports that a claim was refused because creates are in doubt for all processes. */
  doubt(): void;
  /** Whether creates are paused because a trial failed. */
  isOpen(): boolean;
  /** Milliseconds until the next trial; 0 if it is due or creates are not paused. */
  pauseMs(): number;
}

/** Without a call that makes nothing, the first trial gives an update this long to come first. */
const UPDATE_FIRST_MS = 2000;
/** How long a create waits for those in flight. A pause of its campaign must take effect within two seconds. */
const MAX_WAIT_MS = 1000;

export function makeCreateBreaker({ clock, doubts, canProbe }: CreateBreakerOptions): CreateBreaker {
  /** Creates are numbered in the order in which they start. */
  let lastStarted = 0;
  /** The latest-started create that succeeded, and the latest-started that may have made a card. */
  let lastMade = 0;
  let lastDoubtful = 0;
  const inFlight = new Set<number>();
  /** Whether a trial of this process is in flight. */
  let isTrying = false;
  /** Whether a trial failed, here or elsewhere. */
  let isPaused = false;
  let pausedUntil = 0;
  /** Whether all processes have been told of this doubt, or it comes from another one. */
  let isShared = false;
  /** Whether a call was served since the last create that may have made a card. */
  let isServed = true;
  /** Settled when the end of the last trial has been reported, or could not be. */
  let reported: Promise<void> = Promise.resolve();
  /** The request for a trial in progress. */
  let requesting: Promise<CreateAdmission | undefined> | undefined;
  /** Aborted when a create ends, to wake those that wait. */
  let ended = new AbortController();

  const isProven = () => lastMade >= lastDoubtful;

  const pauseMs = () => Math.max(0, pausedUntil - clock());

  const willDecide = () => isTrying || [...inFlight].some((number) => number > lastDoubtful);

  const prove = (number: number) => {
    lastMade = Math.max(lastMade, number);
    if (!isProven()) return;
    isPaused = false;
    isShared = false;
    pausedUntil = 0;
  };

  const endWith = (number: number, result: CreateEnd, isTrial: boolean) => {
    if (result === 'made') prove(number);
    else if (result === 'maybe') {
      lastDoubtful = Math.max(lastDoubtful, number);
      isServed = false;
      if (isTrial) isPaused = true;
      else if (!canProbe) pausedUntil = Math.max(pausedUntil, clock() + UPDATE_FIRST_MS);
    } else if (isTrial) isServed = false;
  };

  /** If it cannot be reported, another trial may begin once that of this process has expired. */
  const reportTrial = async (result: CreateEnd) => {
    const pause = await retryRedis(() => doubts.endTrial(result)).catch(() => 0);
    if (!isProven()) pausedUntil = Math.max(pausedUntil, clock() + pause);
  };

  const start = (isTrial: boolean): CreateAdmission => {
    const number = (lastStarted += 1);
    inFlight.add(number);
    isTrying ||= isTrial;
    return {
      admitted: true,
      isTrial,
      needsProbe: isTrial && !isServed,
      end(result) {
        inFlight.delete(number);
        endWith(number, result, isTrial);
        if (isTrial) {
          isTrying = false;
          reported = reportTrial(result);
        }
        ended.abort();
        ended = new AbortController();
      },
    };
  };

  const requestTrial = async (): Promise<CreateAdmission | undefined> => {
    const answer = await retryRedis(() => doubts.beginTrial({ isShared }));
    switch (answer.kind) {
      case 'granted':
        isShared = true;
        return start(true);
      case 'proven':
        prove(lastStarted);
        return undefined;
      case 'wait':
        isShared = true;
        isPaused ||= answer.isPaused;
        pausedUntil = Math.max(pausedUntil, clock() + answer.waitMs);
        return undefined;
    }
  };

  /** Returns undefined if the state has changed, so that it must be looked at again. */
  const startTrial = async (): Promise<CreateAdmission | undefined> => {
    await reported;
    if (requesting !== undefined) {
      await requesting;
      return undefined;
    }
    if (pauseMs() > 0 || willDecide() || isProven()) return undefined;
    requesting = requestTrial().finally(() => (requesting = undefined));
    return requesting;
  };

  return {
    async admit() {
      const waitUntil = clock() + MAX_WAIT_MS;
      while (!isProven()) {
        const pause = pauseMs();
        if (pause > 0) return { admitted: false, pauseMs: pause };
        const left = waitUntil - clock();
        if (left <= 0) return { admitted: false, pauseMs: MAX_WAIT_MS };
        if (!willDecide()) {
          const trial = await startTrial();
          if (trial !== undefined) return trial;
          continue;
        }
        const { signal } = ended;
        await sleep(left, signal);
        if (!signal.aborted) return { admitted: false, pauseMs: MAX_WAIT_MS };
      }
      return start(false);
    },
    served() {
      isServed = true;
      // Without a probe, the pause only gives such a call the time to come first.
      if (!isPaused && !isShared) pausedUntil = 0;
    },
    doubt() {
      // A trial in flight is later than this doubt.
      if (!isTrying) lastDoubtful = lastStarted;
      isShared = true;
      isServed = false;
    },
    isOpen: () => isPaused,
    pauseMs,
  };
}
