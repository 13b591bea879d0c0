/** Who asks: by session, by name and password, or because it is this very machine. */

import type { FastifyRequest, Session } from 'fastify';
import type { Operator } from '../../domain/operators/operator.ts';
import type { Clock } from '../../kit/clock.ts';
import { hasOwnOrigin } from './own-page.ts';
import { isLocalName, isThisMachine } from './this-machine.ts';
import { makePasswordCheck, type OperatorDirectory, type PasswordCheck } from './passwords.ts';

export interface IdentityOptions {
  /** Undefined where nobody can sign in: this machine only, then. */
  operators: OperatorDirectory | undefined;
  /** The user of this machine. */
  localName: string;
  clock: Clock;
}

export type Asking =
  | { kind: 'operator'; operator: Operator; by: 'session' | 'password' | 'machine' }
  | { kind: 'stranger' }
  /** Wrong name or password, or too many of them. */
  | { kind: 'refused' }
  /** Nobody can sign in, and it is not this machine. */
  | { kind: 'elsewhere' };

/** However busy somebody is, they sign in once a day. */
const LONGEST_SESSION_MS = 24 * 60 * 60_000;

/** `check` is undefined where nobody can sign in. */
export function makeIdentity({ operators, localName, clock }: IdentityOptions): {
  identify: (request: FastifyRequest) => Promise<Asking>;
  check: PasswordCheck | undefined;
} {
  if (operators === undefined) {
    const operator: Operator = { name: localName, role: 'admin' };
    return {
      check: undefined,
      identify: async (request) =>
        isFromHere(request) ? { kind: 'operator', operator, by: 'machine' } : { kind: 'elsewhere' },
    };
  }
  const check = makePasswordCheck(operators, clock);
  return {
    check,
    async identify(request) {
      const given = basicOf(request.headers.authorization);
      if (given !== undefined) {
        const checked = await check(given.name, given.password, request.socket.remoteAddress ?? '');
        return checked.kind === 'right'
          ? { kind: 'operator', operator: checked.operator, by: 'password' }
          : { kind: 'refused' };
      }
      const { signedIn } = request.session;
      if (signedIn === undefined || clock() - signedIn.at > LONGEST_SESSION_MS) return { kind: 'stranger' };
      const operator = operatorNow(operators, signedIn);
      return operator === undefined ? { kind: 'stranger' } : { kind: 'operator', operator, by: 'session' };
    },
  };
}

/** Whoever signed in, as long as they still may. */
function operatorNow(
  operators: OperatorDirectory,
  { name, by }: NonNullable<Session['signedIn']>,
): Operator | undefined {
  switch (by.kind) {
    case 'sso':
      return { name, role: by.role };
    case 'password': {
      const found = operators.find(name);
      return found?.stamp === by.stamp ? { name, role: found.role } : undefined;
    }
  }
}

/** A browser tells where the page is from that asks; a page of elsewhere has no business here. */
function isFromHere({ headers, socket }: FastifyRequest): boolean {
  return hasOwnOrigin(headers) && isLocalName(headers.host) && isThisMachine(headers, socket.remoteAddress);
}

/** RFC 7617. */
function basicOf(authorization: string | undefined): { name: string; password: string } | undefined {
  const [, encoded] = /^basic +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const [name = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { name, password: password.join(':') };
}
