/**
 * Throttles a campaign with a token bucket: each row, or each customer, takes a token. The bucket never holds more than a
 * second's tokens, so a campaign that was held up continues at its rate instead of catching up in a burst.
 */

import { type SendingRate, sendingMs } from '../domain/campaigns/safeguards/sending-rate.ts';
import type { MonotonicClock } from '../kit/clock.ts';
import { firstRowsWith, jobsOf, type JudgedRow } from './judged-row.ts';

export interface Throttle {
  /** Returns the leading rows that may be queued now, and takes their tokens. */
  take(rows: readonly JudgedRow[]): readonly JudgedRow[];
  /** Milliseconds until {@link Throttle.take} returns rows again. */
  waitMs(): number;
}

/** Rows are queued in groups of this many milliseconds, because each group costs several round trips to Redis. */
const GROUP_MS = 500;

const noThrottle: Throttle = { take: (rows) => rows, waitMs: () => 0 };

/** `rows`: all rows of the campaign. Without a rate all rows may be queued at once. */
export function makeThrottle(rate: SendingRate | undefined, rows: number, clock: MonotonicClock): Throttle {
  if (rate === undefined) return noThrottle;
  const perMs = Math.max(rows, 1) / sendingMs(rate, Math.max(rows, 1));
  const group = Math.max(1, perMs * GROUP_MS);
  let tokens = group;
  let filledAt = clock();

  const fill = () => {
    const now = clock();
    tokens = Math.min(2 * group, tokens + (now - filledAt) * perMs);
    filledAt = now;
  };

  return {
    take(judged) {
      fill();
      if (tokens < group) return [];
      const count = Math.floor(tokens);
      // A spread ends in time only if skipped rows take time as well.
      const taken = 'overMs' in rate ? judged.slice(0, count) : firstRowsWith(count, judged);
      tokens -= 'overMs' in rate ? taken.length : jobsOf(taken).length;
      return taken;
    },
    waitMs() {
      fill();
      return Math.max(0, (group - tokens) / perMs);
    },
  };
}
