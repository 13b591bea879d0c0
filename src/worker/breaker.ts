/**
 * A circuit breaker: stops calling Passmachine while it is down, so that an outage uses no attempts. Several
 * outage failures in a row open it. After a pause it admits one call as a probe, which closes it or starts a longer
 * pause. Creates have a stricter breaker of their own in addition: see `create-breaker.ts`.
 */

import { jittered } from '../domain/jobs/retry.ts';
import type { MonotonicClock } from '../kit/clock.ts';

interface BreakerOptions {
  clock: MonotonicClock;
  /** In [0, 1). */
  random: () => number;
  /** Failures in a row that open it. */
  threshold?: number;
  /** How long {@link Breaker.isOutage} waits for further calls to decide. */
  decideWithinMs?: number;
  /** The first pause. It doubles with each failed probe, up to the maximum. */
  firstPauseMs?: number;
  maxPauseMs?: number;
}

/**
 * How an admitted call ended. `served`: Passmachine accepted it or refused this one call. `outage`: connection
 * refused or reset, timeout, 5xx. `undecided`: it was not made, or it threw.
 */
export type CallEnd = 'served' | 'outage' | 'undecided';

export type Admission =
  | { admitted: false; pauseMs: number }
  /** `isProbe`: the breaker is open, and this call decides whether it closes. */
  | { admitted: true; isProbe: boolean; end(result: CallEnd): void };

export interface Breaker {
  /** Admits a call, which the caller must end in any case, or returns the milliseconds to wait. */
  admit(): Admission;
  /**
   * Whether the failure just reported belongs to an outage. While the breaker is closed, later calls decide: yes if
   * enough of them fail to open it, no if one succeeds or none ends within `decideWithinMs`.
   */
  isOutage(): Promise<boolean>;
  /** Whether only probes are admitted. */
  isOpen(): boolean;
  /** Milliseconds until the next probe; 0 if it is due or the breaker is closed. */
  pauseMs(): number;
}

/** How long other calls wait while a probe is in flight. */
const PROBE_MS = 1000;

export function makeBreaker(options: BreakerOptions): Breaker {
  const { clock, random, threshold = 5, decideWithinMs = 2000 } = options;
  const { firstPauseMs = 1000, maxPauseMs = 30_000 } = options;
  /** Failed calls waiting to learn whether there is an outage. */
  const undecided = new Set<(outage: boolean) => void>();
  let failuresInARow = 0;
  /** Pauses since it opened; 0 while closed. */
  let pauses = 0;
  let openUntil = 0;
  /** The probe in flight. */
  let probe: Admission | undefined;

  const isOpen = () => pauses > 0;

  const pauseMs = () => Math.max(0, openUntil - clock());

  const decide = (outage: boolean) => {
    for (const resolve of undecided) resolve(outage);
    undecided.clear();
  };

  const open = () => {
    const pause = Math.min(firstPauseMs * 2 ** pauses, maxPauseMs);
    pauses += 1;
    openUntil = clock() + jittered(pause, random());
    decide(true);
  };

  const endCall = (result: CallEnd, isProbe = false) => {
    if (result === 'served') {
      failuresInARow = 0;
      pauses = 0;
      probe = undefined;
      decide(false);
    } else if (result === 'outage') {
      failuresInARow += 1;
      // Failures of calls that were in flight when it opened do not prolong the pause.
      if (isOpen() ? isProbe : failuresInARow >= threshold) open();
    }
  };

  const admitProbe = (): Admission => {
    const admission: Admission = {
      admitted: true,
      isProbe: true,
      end(result) {
        const isCurrent = probe === admission;
        if (isCurrent) probe = undefined;
        endCall(result, isCurrent);
      },
    };
    probe = admission;
    return admission;
  };

  const ordinary: Admission = { admitted: true, isProbe: false, end: (result) => endCall(result) };

  return {
    isOpen,
    pauseMs,
    admit() {
      if (!isOpen()) return ordinary;
      const left = pauseMs();
      if (left > 0) return { admitted: false, pauseMs: left };
      return probe === undefined ? admitProbe() : { admitted: false, pauseMs: PROBE_MS };
    },
    async isOutage() {
      if (isOpen()) return true;
      return new Promise((resolve) => {
        const decided = (outage: boolean) => {
          clearTimeout(timer);
          resolve(outage);
        };
        const timer = setTimeout(() => {
          undecided.delete(decided);
          resolve(false);
        }, decideWithinMs);
        undecided.add(decided);
      });
    },
  };
}
