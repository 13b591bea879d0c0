/** Identifies the operator behind a request: by session, by name and password, or by the access token. */

import type { FastifyRequest, Session } from 'fastify';
import type { Operator } from '../../domain/operators/operator.ts';
import type { Clock } from '../../kit/clock.ts';
import { arrivalOf, clientAddress, isThisMachine } from '../client-address.ts';
import type { AccessToken } from './access-token.ts';
import type { OperatorDirectory, PasswordCheck } from './passwords.ts';
import { hasOwnOrigin } from './request-origin.ts';
import { LOOPBACK_ONLY } from './sign-in-page.tsx';

/** Who may use the dashboard. */
export type Access =
  | { kind: 'operators'; operators: OperatorDirectory }
  /** No operators: the user who started the process, `name`, with its token and on this machine. */
  | { kind: 'token'; token: AccessToken; name: string }
  /** No operators although other machines may reach this server. `problem`: why, and what to do. */
  | { kind: 'off'; problem: string };

export interface IdentityOptions {
  access: Access;
  clock: Clock;
}

export type Identity =
  | { kind: 'operator'; operator: Operator; by: 'session' | 'credentials' }
  /** Not signed in. */
  | { kind: 'anonymous' }
  /** Wrong name, password or token. */
  | { kind: 'wrong-password' }
  /** Too many attempts, or too many at once. */
  | { kind: 'too-often' }
  /** The dashboard does not answer this machine, or none. */
  | { kind: 'closed'; problem: string };

/** An active session must sign in again after this long. */
const MAX_SESSION_MS = 24 * 60 * 60_000;

export type Identify = (request: FastifyRequest) => Promise<Identity>;

/** `check` is needed for operators. */
export function makeIdentity({ access, clock }: IdentityOptions, check: PasswordCheck | undefined): Identify {
  switch (access.kind) {
    case 'off':
      return async () => ({ kind: 'closed', problem: access.problem });
    case 'token':
      return async (request) => identifyByToken(request, access, clock);
    case 'operators':
      return async (request) => identifyByPassword(request, access.operators, { check, clock });
  }
}

function identifyByToken(
  request: FastifyRequest,
  { token, name }: Access & { kind: 'token' },
  clock: Clock,
): Identity {
  if (!isOnThisMachine(request)) return { kind: 'closed', problem: LOOPBACK_ONLY };
  const operator: Operator = { name, role: 'admin' };
  const [, given] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (given !== undefined) {
    return token.matches(given)
      ? { kind: 'operator', operator, by: 'credentials' }
      : { kind: 'wrong-password' };
  }
  const isCurrent = activeSession(request, clock)?.by.kind === 'token';
  return isCurrent ? { kind: 'operator', operator, by: 'session' } : { kind: 'anonymous' };
}

async function identifyByPassword(
  request: FastifyRequest,
  operators: OperatorDirectory,
  { check, clock }: { check: PasswordCheck | undefined; clock: Clock },
): Promise<Identity> {
  const basic = parseBasic(request.headers.authorization);
  if (basic !== undefined && check !== undefined) {
    const result = await check(basic.name, basic.password, clientAddress(request));
    switch (result.kind) {
      case 'right':
        return { kind: 'operator', operator: result.operator, by: 'credentials' };
      case 'wrong':
        return { kind: 'wrong-password' };
      case 'too-often':
      case 'busy':
        return { kind: 'too-often' };
    }
  }
  const signedIn = activeSession(request, clock);
  const operator = signedIn && currentOperator(operators, signedIn);
  return operator === undefined ? { kind: 'anonymous' } : { kind: 'operator', operator, by: 'session' };
}

function activeSession({ session }: FastifyRequest, clock: Clock): Session['signedIn'] {
  const { signedIn } = session;
  return signedIn === undefined || clock() - signedIn.at > MAX_SESSION_MS ? undefined : signedIn;
}

/** Returns the operator of a session; undefined if the operator was removed or changed since. */
function currentOperator(
  operators: OperatorDirectory,
  { name, by }: NonNullable<Session['signedIn']>,
): Operator | undefined {
  switch (by.kind) {
    case 'token':
      return undefined;
    case 'sso':
      return { name, role: by.role };
    case 'password': {
      const found = operators.find(name);
      return found?.stamp === by.stamp ? { name, role: found.role } : undefined;
    }
  }
}

/** Also rejects pages of other origins that are open in a browser on this machine. */
export function isOnThisMachine(request: FastifyRequest): boolean {
  return hasOwnOrigin(request.headers) && isThisMachine(arrivalOf(request));
}

/** Parses Basic credentials (RFC 7617). */
function parseBasic(authorization: string | undefined): { name: string; password: string } | undefined {
  const [, encoded] = /^basic +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const [name = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { name, password: password.join(':') };
}
