/** What to know about creates that may have made their card: their codes, and the cost of repeating them. */

import { type FailureCode, failureKinds } from './failure.ts';

/** Codes that leave a create unknown: the call was sent, and nothing proves what happened. */
export const unknownCodes = (Object.keys(failureKinds) as FailureCode[]).filter(
  (code) => failureKinds[code].stage === 'maybe',
);

/**
 * Says what `CREATE_ON_UNKNOWN=retry` costs, for the log and the doctor. The figures are those of
 * docs/architecture.md: an outage of all calls leaves the creates in flight in doubt, and one of creates alone up to
 * ten in its first hour and six in each further one, per worker.
 */
export function costOfRepeating({ maxInFlight }: { maxInFlight: number }): string {
  return `CREATE_ON_UNKNOWN=retry repeats a create after ${unknownCodes.join(', ')}, although it may have made its card, and each repetition may make a second one. An outage of Passmachine leaves up to ${maxInFlight} creates in doubt; if only creates fail, up to 10 per worker in the first hour and 6 in each further one`;
}
