/** Sending rate: the customers of a campaign are sent to evenly over time instead of as fast as the limits allow. */

import { defineSafeguard } from '../options/option.ts';

/** How fast a campaign sends. What is left after a pause continues at the same rate. */
export type SendingRate =
  /** Customers per second; skipped and rejected rows do not count. */
  | { perSecond: number }
  /** Milliseconds over which all rows are spread. */
  | { overMs: number };

export const sendingRate = defineSafeguard({
  options: {
    over: {
      kind: 'duration',
      label: 'Spread over',
      help: 'Spread the customers evenly over this time. A pause or an outage delays the end.',
      example: '3h',
      excludes: 'perSecond',
    },
    perSecond: {
      kind: 'count',
      label: 'Customers per second',
      help: 'Send to at most N customers per second.',
      example: '20',
      excludes: 'over',
    },
  },
  guard: ({ over, perSecond }): SendingRate | undefined => {
    if (over !== undefined) return { overMs: over };
    return perSecond === undefined ? undefined : { perSecond };
  },
});

/** Returns how long that many rows take at this rate, ms. */
export function sendingMs(given: SendingRate, rows: number): number {
  return 'overMs' in given ? given.overMs : (rows * 1000) / given.perSecond;
}
