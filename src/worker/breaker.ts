/**
 * Stops calling a Passmachine that is down, so that an outage costs time and no attempts. After
 * several infrastructure failures in a row it opens; when its pause is over it lets one call probe.
 */

import { jittered } from '../domain/jobs/retry.ts';
import type { Clock } from '../kit/clock.ts';

interface BreakerOptions {
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  /** Failures in a row that open it. */
  threshold?: number;
  /** How long a failure may stay undecided. */
  patienceMs?: number;
  /** The first pause; it doubles with each probe that fails, up to the longest. */
  firstPauseMs?: number;
  longestPauseMs?: number;
}

export interface Breaker {
  /** Milliseconds to keep away, 0 to go ahead. Whoever goes ahead has to report the outcome. */
  admit(): number;
  /** The other side answered in person: with a yes, or with a no to this one call. */
  answered(): void;
  /** Refused, reset, timed out or 5xx. */
  failed(): void;
  /**
   * Whether the failure just reported is part of an outage. Before it opens only the next calls can
   * tell: one that is answered says no, enough that fail say yes, and when none ends in time it is no.
   */
  isOutage(): Promise<boolean>;
  /** Whether calls are kept away, but for a probe. */
  isOpen(): boolean;
  /** Milliseconds until the next probe may go; 0 when it is due or the breaker is closed. */
  pauseMs(): number;
}

/** How long others keep away while a probe is out. */
const PROBE_MS = 1000;

export function makeBreaker(options: BreakerOptions): Breaker {
  const { clock, random, threshold = 5, patienceMs = 2000 } = options;
  const { firstPauseMs = 1000, longestPauseMs = 30_000 } = options;
  const undecided = new Set<(outage: boolean) => void>();
  let inARow = 0;
  let pauses = 0;
  let openUntil = 0;
  let probing = false;

  const isOpen = () => pauses > 0;

  const pauseMs = () => Math.max(0, openUntil - clock());

  const decide = (outage: boolean) => {
    for (const tell of undecided) tell(outage);
    undecided.clear();
  };

  const open = () => {
    const growing = Math.min(firstPauseMs * 2 ** pauses, longestPauseMs);
    pauses += 1;
    openUntil = clock() + jittered(growing, random());
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
    answered() {
      inARow = 0;
      pauses = 0;
      probing = false;
      decide(false);
    },
    failed() {
      inARow += 1;
      // Calls that were out when it opened tell nothing new.
      const news = isOpen() ? probing : inARow >= threshold;
      probing = false;
      if (news) open();
    },
    async isOutage() {
      if (isOpen()) return true;
      return new Promise((resolve) => {
        const tell = (outage: boolean) => {
          clearTimeout(timer);
          resolve(outage);
        };
        const timer = setTimeout(() => {
          undecided.delete(tell);
          resolve(false);
        }, patienceMs);
        undecided.add(tell);
      });
    },
  };
}
