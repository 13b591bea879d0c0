/**
 * Whether a name and a password belong together. Takes as long for a name that there is none of,
 * and guessing gets nowhere: an address, and a name, that came with too many wrong ones in a minute
 * is turned away for the rest of it.
 */

import { createHmac, randomBytes } from 'node:crypto';
import type { Operator } from '../../domain/operators/operator.ts';
import type { Clock } from '../../kit/clock.ts';
import { hashPassword, isPassword } from '../../kit/password-hash.ts';
import { makeFailedLogins } from './failed-logins.ts';

/** The operators there are, as the file has them now. */
export interface OperatorDirectory {
  /** `stamp` changes with the password and the role. */
  find(name: string): (Operator & { passwordHash: string; stamp: string }) | undefined;
}

export type Checked =
  | { kind: 'right'; operator: Operator; stamp: string }
  | { kind: 'wrong' }
  | { kind: 'too-often' };

/** A script that calls every second is not to cost a quarter of a second of hashing each time. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 1000;
/** No operator has a longer one; what is counted is to take little room. */
const LONGEST_NAME = 64;

export function makePasswordCheck(operators: OperatorDirectory, clock: Clock) {
  const logins = makeFailedLogins(clock);
  const nobody = hashPassword(randomBytes(16).toString('hex'));
  const remembered = makeRemembered(clock);
  const inTurn = makeTurns();

  return async (name: string, password: string, from: string): Promise<Checked> => {
    const counted = [`address ${from}`, `name ${name.slice(0, LONGEST_NAME)}`];
    const isShutOut = () => counted.some((one) => logins.isShutOut(one));
    const found = operators.find(name);
    const hash = found?.passwordHash ?? (await nobody);
    const right = (): Checked => {
      if (found === undefined) return { kind: 'wrong' };
      return { kind: 'right', operator: { name, role: found.role }, stamp: found.stamp };
    };
    // Before what is remembered: otherwise that could be guessed at, and at great speed.
    if (isShutOut()) return { kind: 'too-often' };
    const token = remembered.tokenOf([name, password, hash]);
    if (remembered.has(token)) return right();
    return inTurn(async () => {
      // While it waited for its turn others may have failed, or have been found right.
      if (isShutOut()) return { kind: 'too-often' };
      if (remembered.has(token)) return right();
      if ((await isPassword(password, hash)) && found !== undefined) {
        remembered.add(token);
        return right();
      }
      const over = counted.map((one) => logins.failed(one)).some((count) => count !== 'counted');
      return { kind: over ? 'too-often' : 'wrong' };
    });
  };
}

/** Who was right a short while ago, as digests with a key that nobody else has. */
function makeRemembered(clock: Clock) {
  const key = randomBytes(32);
  const until = new Map<string, number>();
  return {
    tokenOf: (parts: readonly string[]) =>
      createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url'),
    has: (token: string) => (until.get(token) ?? 0) > clock(),
    add(token: string) {
      if (until.size >= MOST_REMEMBERED) until.clear();
      until.set(token, clock() + REMEMBERED_MS);
    },
  };
}

/** Each check takes 64 MB for a quarter of a second, so there is one at a time. */
function makeTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(act: () => Promise<T>): Promise<T> => {
    const done = last.then(act);
    last = done.catch(() => {});
    return done;
  };
}

export type PasswordCheck = ReturnType<typeof makePasswordCheck>;
