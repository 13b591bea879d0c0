/**
 * Limits wrong credentials per address: more than 20 in a minute block the address for the rest of that
 * minute, whatever it sends. An address that signed in successfully within 24 h is never blocked: all
 * scenarios of a Bloomreach instance share a few addresses, and one with an old password must not block the others.
 *
 * @fastify/rate-limit does not fit here: it counts requests, this counts failures only.
 */

import type { MonotonicClock } from '../../kit/clock.ts';

export interface FailedLogins {
  /** Returns whether attempts of this address must be rejected without checking them. */
  isBlocked(address: string): boolean;
  /** Returns whether correct credentials were recorded within the last 24 h. */
  hasSucceeded(address: string): boolean;
  /** Records correct credentials. */
  succeeded(address: string): void;
  /** Records wrong credentials. Returns `limit` for the one that exceeds the limit, `over` for those after it. */
  failed(address: string): 'counted' | 'limit' | 'over';
}

const MAX_FAILURES_PER_MINUTE = 20;
const MINUTE_MS = 60_000;
const TRUSTED_MS = 24 * 60 * 60_000;
/** Addresses remembered; the oldest are forgotten first. */
const MAX_ADDRESSES = 10_000;

export function makeFailedLogins(clock: MonotonicClock): FailedLogins {
  const succeededAt = new Map<string, number>();
  const failures = new Map<string, { since: number; count: number }>();

  const recentFailures = (address: string) => {
    const found = failures.get(address);
    return found === undefined || clock() - found.since >= MINUTE_MS ? undefined : found;
  };

  const hasSucceeded = (address: string) => clock() - (succeededAt.get(address) ?? -Infinity) < TRUSTED_MS;

  return {
    hasSucceeded,
    isBlocked(address) {
      return !hasSucceeded(address) && (recentFailures(address)?.count ?? 0) > MAX_FAILURES_PER_MINUTE;
    },
    succeeded(address) {
      remember(succeededAt, address, clock());
    },
    failed(address) {
      const found = recentFailures(address) ?? { since: clock(), count: 0 };
      found.count += 1;
      remember(failures, address, found);
      if (found.count <= MAX_FAILURES_PER_MINUTE) return 'counted';
      return found.count === MAX_FAILURES_PER_MINUTE + 1 ? 'limit' : 'over';
    },
  };
}

function remember<T>(addresses: Map<string, T>, address: string, value: T): void {
  addresses.set(address, value);
  if (addresses.size <= MAX_ADDRESSES) return;
  const [oldest] = addresses.keys();
  if (oldest !== undefined) addresses.delete(oldest);
}
