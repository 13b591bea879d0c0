/**
 * A circuit breaker: stops calling Passmachine while it is down, so that an outage uses no attempts. Several
 * outage failures in a row open it. After a pause it admits one call as a probe, which closes it or starts a longer
 * pause.
 */

import { jittered } from '../domain/jobs/retry.ts';
import type { Clock } from '../kit/clock.ts';

interface BreakerOptions {
  clock: Clock;
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

export interface Breaker {
  /** Returns 0 if the caller may make a call, whose result it must report, or the milliseconds to wait. */
  admit(): number;
  /** Reports that Passmachine answered: it accepted the call or refused this one call. */
  succeeded(): void;
  /** Reports an outage failure: refused connection, reset, timeout or 5xx. */
  failed(): void;
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
  let probing = false;

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

  return {
    isOpen,
    pauseMs,
    admit() {
      if (!isOpen()) return 0;
      const left = pauseMs();
      if (left > 0) return left;
      if (probing) return PROBE_MS;
      probing = true;
      return 0;
    },
    succeeded() {
      failuresInARow = 0;
      pauses = 0;
      probing = false;
      decide(false);
    },
    failed() {
      failuresInARow += 1;
      // Failures of calls that were in flight when it opened do not prolong the pause.
      const opens = isOpen() ? probing : failuresInARow >= threshold;
      probing = false;
      if (opens) open();
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
