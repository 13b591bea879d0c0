/** A token bucket per side: it holds one second's worth, so that a burst of that size passes. */

import type { Clock } from '../kit/clock.ts';

export interface RateLimit {
  /** Calls per second. */
  perSecond: number;
  /** Sent as `Retry-After`; without it the header is missing, as it may be at Bloomreach. */
  retryAfterSeconds?: number;
}

/** Whether one more call is within the limit; a call over it takes nothing from the bucket. */
export type Admit = () => boolean;

/** A full bucket. */
export function makeBucket({ perSecond }: RateLimit, clock: Clock): Admit {
  const size = Math.max(1, perSecond);
  let left = size;
  let filledAt = clock();
  return () => {
    const now = clock();
    left = Math.min(size, left + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
