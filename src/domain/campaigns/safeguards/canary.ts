/** Canary: the first customers are sent to, and the campaign is held until their results are judged. */

import { defineSafeguard } from '../options/option.ts';

export interface Canary {
  /** Customers that are sent to before the campaign is held; skipped and rejected rows do not count. */
  customers: number;
  /** Continues automatically if at most this share (0 to 1) of them failed. Absent: an operator decides. */
  continueAt?: number;
}

export const canary = defineSafeguard({
  options: {
    canary: {
      kind: 'count',
      label: 'Canary',
      help: 'Send to the first N customers, then hold the campaign until an operator resumes it.',
      example: '100',
    },
    continueAt: {
      kind: 'share',
      label: 'Continue at',
      help: 'Continue automatically if at most this share of the canary was rejected, failed or is unknown.',
      example: '2%',
      needs: 'canary',
    },
  },
  guard: ({ canary: customers, continueAt }): Canary | undefined =>
    customers === undefined ? undefined : { customers, ...(continueAt !== undefined && { continueAt }) },
});
