/**
 * Who has come with wrong credentials too often. Such an address is shut out for the rest of the
 * minute, whatever it comes with, so that guessing gets nowhere. One that has lately come with the
 * right ones is let in with those all the same: all scenarios of a Bloomreach instance share a few
 * addresses, and a single one with an old password must not shut out the others.
 */

import type { Clock } from '../../kit/clock.ts';

export interface FailedLogins {
  /** Whether it may not even try. */
  isShutOut(address: string): boolean;
  /** Takes down an entry. */
  passed(address: string): void;
  /** Takes down wrong credentials; `limit` with the one that is too many, `over` with those after it. */
  failed(address: string): 'counted' | 'limit' | 'over';
}

const MOST_A_MINUTE = 20;
const MINUTE_MS = 60_000;
const TRUSTED_MS = 24 * 60 * 60_000;
/** Addresses that are remembered; those that were taken down first are forgotten first. */
const MOST_ADDRESSES = 10_000;

export function makeFailedLogins(clock: Clock): FailedLogins {
  const passedAt = new Map<string, number>();
  const failures = new Map<string, { since: number; count: number }>();

  const countOf = (address: string) => {
    const found = failures.get(address);
    return found === undefined || clock() - found.since >= MINUTE_MS ? undefined : found;
  };

  return {
    isShutOut(address) {
      const isTrusted = clock() - (passedAt.get(address) ?? -Infinity) < TRUSTED_MS;
      return !isTrusted && (countOf(address)?.count ?? 0) > MOST_A_MINUTE;
    },
    passed(address) {
      remember(passedAt, address, clock());
    },
    failed(address) {
      const found = countOf(address) ?? { since: clock(), count: 0 };
      found.count += 1;
      remember(failures, address, found);
      if (found.count <= MOST_A_MINUTE) return 'counted';
      return found.count === MOST_A_MINUTE + 1 ? 'limit' : 'over';
    },
  };
}

function remember<T>(addresses: Map<string, T>, address: string, value: T): void {
  addresses.set(address, value);
  if (addresses.size <= MOST_ADDRESSES) return;
  const [oldest] = addresses.keys();
  if (oldest !== undefined) addresses.delete(oldest);
}
