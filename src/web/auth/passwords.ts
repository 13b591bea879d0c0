/**
 * Checks a name and a password. A check takes equally long for a name that does not exist, and guessing
 * is limited: an address or a name with too many wrong passwords in a minute is rejected for the rest of it.
 */

import { createHmac, randomBytes } from 'node:crypto';
import type { Operator } from '../../domain/operators/operator.ts';
import type { MonotonicClock } from '../../kit/clock.ts';
import { unmatchableHash, verifyPassword } from '../../kit/password-hash.ts';
import { addressGroup } from '../client-address.ts';
import { makeFailedLogins } from './failed-logins.ts';
import { makeHashQueue } from './hash-queue.ts';

/** The operators of the current operators file. */
export interface OperatorDirectory {
  /** `stamp` changes with the password and with the role. */
  find(name: string): (Operator & { passwordHash: string; stamp: string }) | undefined;
  /** Returns the hash of one of the operators; undefined if there are none. */
  anyPasswordHash(): string | undefined;
}

export type PasswordResult =
  | { kind: 'right'; operator: Operator; stamp: string }
  | { kind: 'wrong' }
  /** Too many wrong passwords in the last minute. */
  | { kind: 'too-often' }
  /** Too many sign-ins at once; the password was not looked at. */
  | { kind: 'busy' };

/** Receives each wrong password, and each attempt that was refused unseen. */
export type RecordRefusal = (refusal: {
  by: string;
  /** Address of the client. */
  from: string;
  why: 'wrong' | 'too-often' | 'busy';
}) => void;

/** Correct passwords are cached, so that a script that calls every second does not cost 250 ms of hashing each time. */
const CACHE_MS = 60_000;
const MAX_CACHED = 1000;
/** No operator has a longer name; bounds the memory of the failure counters. */
const MAX_NAME_LENGTH = 64;

/** `onRefused` is called for each attempt that does not succeed. */
export function makePasswordCheck(
  operators: OperatorDirectory,
  clock: MonotonicClock,
  onRefused: RecordRefusal = () => {},
) {
  const byAddress = makeFailedLogins(clock);
  const byName = makeFailedLogins(clock);
  const cache = makePasswordCache(clock);
  const queue = makeHashQueue();
  /** Equal checks in progress share one hash. */
  const running = new Map<string, Promise<PasswordResult>>();

  return async (name: string, password: string, address: string): Promise<PasswordResult> => {
    const shortName = name.slice(0, MAX_NAME_LENGTH);
    const group = addressGroup(address);
    // Who signs in here regularly is not locked out by guesses from elsewhere.
    const pair = JSON.stringify([group, shortName]);
    const isBlocked = () =>
      byAddress.isBlocked(group) || (byName.isBlocked(shortName) && !byName.hasSucceeded(pair));
    const found = operators.find(name);
    const hash = found?.passwordHash ?? unmatchableHash(operators.anyPasswordHash() ?? '');
    const right = (): PasswordResult => {
      if (found === undefined) return { kind: 'wrong' };
      byName.succeeded(pair);
      return { kind: 'right', operator: { name, role: found.role }, stamp: found.stamp };
    };
    const refuse = (why: 'wrong' | 'too-often' | 'busy'): PasswordResult => {
      onRefused({ by: shortName, from: address, why });
      return { kind: why };
    };
    const compare = async (token: string): Promise<PasswordResult> => {
      // Other checks may have failed while this one waited.
      if (isBlocked()) return refuse('too-often');
      if ((await verifyPassword(password, hash)) && found !== undefined) {
        cache.add(token);
        return right();
      }
      const counts = [byAddress.failed(group), byName.failed(shortName)];
      return refuse(counts.every((count) => count === 'counted') ? 'wrong' : 'too-often');
    };

    // Must come before the cache, which could otherwise be used for fast guessing.
    if (isBlocked()) return refuse('too-often');
    const token = cache.tokenOf([name, password, hash]);
    if (cache.has(token)) return right();
    const key = `${group} ${token}`;
    const same = running.get(key);
    if (same !== undefined) return same;
    const checked = queue.add({ group, isKnown: byName.hasSucceeded(pair) }, () => compare(token));
    if (checked === undefined) return refuse('busy');
    running.set(key, checked);
    return checked.finally(() => running.delete(key));
  };
}

export type PasswordCheck = ReturnType<typeof makePasswordCheck>;

/** Remembers correct passwords for a minute, as digests keyed with a secret of this process. */
function makePasswordCache(clock: MonotonicClock) {
  const key = randomBytes(32);
  const expiresAt = new Map<string, number>();
  return {
    tokenOf: (parts: readonly string[]) =>
      createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url'),
    has: (token: string) => (expiresAt.get(token) ?? 0) > clock(),
    add(token: string) {
      if (expiresAt.size >= MAX_CACHED) expiresAt.clear();
      expiresAt.set(token, clock() + CACHE_MS);
    },
  };
}
