/**
 * Checks a name and a password. A check takes equally long for a name that does not exist, and guessing
 * is limited: an address or a name with too many wrong passwords in a minute is rejected for the rest of it.
 */

import { createHmac, randomBytes } from 'node:crypto';
import type { Operator } from '../../domain/operators/operator.ts';
import type { MonotonicClock } from '../../kit/clock.ts';
import { unmatchableHash, verifyPassword } from '../../kit/password-hash.ts';
import { makeFailedLogins } from './failed-logins.ts';

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
  | { kind: 'too-often' };

/** Correct passwords are cached, so that a script that calls every second does not cost 250 ms of hashing each time. */
const CACHE_MS = 60_000;
const MAX_CACHED = 1000;
/** No operator has a longer name; bounds the memory of the failure counters. */
const MAX_NAME_LENGTH = 64;

export function makePasswordCheck(operators: OperatorDirectory, clock: MonotonicClock) {
  const logins = makeFailedLogins(clock);
  const cache = makePasswordCache(clock);
  const oneAtATime = makeSequence();

  return async (name: string, password: string, address: string): Promise<PasswordResult> => {
    const counted = [`address ${address}`, `name ${name.slice(0, MAX_NAME_LENGTH)}`];
    const isBlocked = () => counted.some((key) => logins.isBlocked(key));
    const found = operators.find(name);
    const hash = found?.passwordHash ?? unmatchableHash(operators.anyPasswordHash() ?? '');
    const right = (): PasswordResult => {
      if (found === undefined) return { kind: 'wrong' };
      return { kind: 'right', operator: { name, role: found.role }, stamp: found.stamp };
    };
    // Must come before the cache, which could otherwise be used for fast guessing.
    if (isBlocked()) return { kind: 'too-often' };
    const token = cache.tokenOf([name, password, hash]);
    if (cache.has(token)) return right();
    return oneAtATime(async () => {
      // Other checks may have failed or filled the cache while this one waited.
      if (isBlocked()) return { kind: 'too-often' };
      if (cache.has(token)) return right();
      if ((await verifyPassword(password, hash)) && found !== undefined) {
        cache.add(token);
        return right();
      }
      const isOver = counted.map((key) => logins.failed(key)).some((count) => count !== 'counted');
      return { kind: isOver ? 'too-often' : 'wrong' };
    });
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

/** Runs one check at a time: each takes 64 MB for 250 ms. */
function makeSequence() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(check: () => Promise<T>): Promise<T> => {
    const result = last.then(check);
    last = result.catch(() => {});
    return result;
  };
}
