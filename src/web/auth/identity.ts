/** Identifies the operator behind a request: by session, by name and password, or because it is made on this machine. */

import type { FastifyRequest, Session } from 'fastify';
import type { Operator } from '../../domain/operators/operator.ts';
import { type Clock, monotonicClock } from '../../kit/clock.ts';
import { clientAddress, isLocalName, isThisMachine } from '../client-address.ts';
import { makePasswordCheck, type OperatorDirectory, type PasswordCheck } from './passwords.ts';
import { hasOwnOrigin } from './request-origin.ts';

export interface IdentityOptions {
  /** Undefined if sign-in is not configured: then only this machine has access. */
  operators: OperatorDirectory | undefined;
  /** Name of this machine's user, who acts if sign-in is not configured. */
  localName: string;
  clock: Clock;
}

export type Identity =
  | { kind: 'operator'; operator: Operator; by: 'session' | 'password' | 'machine' }
  /** Not signed in. */
  | { kind: 'anonymous' }
  /** Wrong name or password, or too many attempts. */
  | { kind: 'wrong-password' }
  /** Sign-in is not configured, and the request comes from another machine. */
  | { kind: 'remote' };

/** An active session must sign in again after this long. */
const MAX_SESSION_MS = 24 * 60 * 60_000;

/** `check` is undefined if sign-in is not configured. */
export function makeIdentity({ operators, localName, clock }: IdentityOptions): {
  identify: (request: FastifyRequest) => Promise<Identity>;
  check: PasswordCheck | undefined;
} {
  if (operators === undefined) {
    const operator: Operator = { name: localName, role: 'admin' };
    return {
      check: undefined,
      identify: async (request) =>
        isLocal(request) ? { kind: 'operator', operator, by: 'machine' } : { kind: 'remote' },
    };
  }
  const check = makePasswordCheck(operators, monotonicClock);
  return {
    check,
    async identify(request) {
      const basic = parseBasic(request.headers.authorization);
      if (basic !== undefined) {
        const result = await check(basic.name, basic.password, clientAddress(request));
        return result.kind === 'right'
          ? { kind: 'operator', operator: result.operator, by: 'password' }
          : { kind: 'wrong-password' };
      }
      const { signedIn } = request.session;
      if (signedIn === undefined || clock() - signedIn.at > MAX_SESSION_MS) return { kind: 'anonymous' };
      const operator = currentOperator(operators, signedIn);
      return operator === undefined ? { kind: 'anonymous' } : { kind: 'operator', operator, by: 'session' };
    },
  };
}

/** Returns the operator of a session; undefined if the operator was removed or changed since. */
function currentOperator(
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

/** Also rejects pages of other origins that are open in a browser on this machine. */
function isLocal(request: FastifyRequest): boolean {
  const { headers } = request;
  return hasOwnOrigin(headers) && isLocalName(headers.host) && isThisMachine(headers, clientAddress(request));
}

/** Parses Basic credentials (RFC 7617). */
function parseBasic(authorization: string | undefined): { name: string; password: string } | undefined {
  const [, encoded] = /^basic +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const [name = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { name, password: password.join(':') };
}
