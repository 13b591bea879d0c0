/** Sign-in with a password, and sign-out. */

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../kit/clock.ts';
import { clientAddress } from '../client-address.ts';
import { field } from '../dashboard/form-fields.ts';
import { routes } from '../paths.ts';
import type { PasswordCheck } from './passwords.ts';
import { isCsrfError, localPath } from './request-origin.ts';
import { renderSignIn } from './sign-in-page.tsx';

export interface SignInRoutesOptions {
  /** Undefined if there are no passwords. */
  check: PasswordCheck | undefined;
  /** Whether single sign-on is configured. */
  hasSso: boolean;
  limitVisits: VisitLimit;
  recordSignIn: RecordSignIn;
  clock: Clock;
}

/** `onRequest` hook that limits how often an address may open a sign-in route. */
export type VisitLimit = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Writes a sign-in or a sign-out to the audit log. */
export type RecordSignIn = (entry: {
  action: 'operator.sign-in' | 'operator.sign-out';
  by: string;
  /** Address of the client. */
  from: string;
  /** Who the OpenID Connect provider says it is. */
  identity?: { issuer: string; subject: string };
}) => Promise<void>;

const config = { role: 'anyone' } as const;

/** No operator has a longer name. */
const MAX_NAME_LENGTH = 64;

const problems = {
  wrong: 'Name or password is incorrect.',
  'too-often': 'Too many incorrect passwords. Try again in a minute.',
  busy: 'Too many sign-ins at once. Try again in a few seconds.',
  expired: 'This page was open for too long. Sign in again.',
} as const;

/** Adds the routes to a scope that has sessions. */
export function addSignInRoutes(
  scope: FastifyInstance,
  { check, hasSso, limitVisits, recordSignIn, clock }: SignInRoutesOptions,
): void {
  const limited = { config, onRequest: limitVisits };

  scope.get<{ Querystring: { to?: string } }>(routes.signIn, limited, async (request, reply) => {
    const to = localPath(request.query.to);
    if (check === undefined || request.isSignedIn) return reply.redirect(to, 303);
    return sendSignInPage(reply, { to, hasSso });
  });

  /** Renders the form again if its session, and with it the CSRF token, has expired. */
  const onExpired = (error: FastifyError, { body }: FastifyRequest, reply: FastifyReply): void => {
    if (!isCsrfError(error)) throw error;
    const to = localPath(field(body, 'to'));
    void sendSignInPage(reply.code(403), { to, name: nameOf(body), hasSso, problem: problems.expired });
  };

  /** Takes `name`, `password` and the path `to` go to. */
  scope.post(routes.signIn, { ...limited, errorHandler: onExpired }, async (request, reply) => {
    const { body, session } = request;
    const to = localPath(field(body, 'to'));
    if (check === undefined) return reply.redirect(to, 303);
    const name = nameOf(body);
    // Not trimmed, as `field` would.
    const { password } = (body ?? {}) as { password?: unknown };
    const from = clientAddress(request);
    const result = await check(name, typeof password === 'string' ? password : '', from);
    if (result.kind !== 'right') {
      if (result.kind !== 'wrong') reply.header('retry-after', result.kind === 'busy' ? '5' : '60');
      return sendSignInPage(reply.code(result.kind === 'wrong' ? 401 : 429), {
        to,
        name,
        hasSso,
        problem: problems[result.kind],
      });
    }
    // A new id prevents session fixation.
    await session.regenerate();
    request.session.signedIn = { name, at: clock(), by: { kind: 'password', stamp: result.stamp } };
    await recordSignIn({ action: 'operator.sign-in', by: name, from });
    return reply.redirect(to, 303);
  });
}

/** Adds the route that ends a session. */
export function addSignOut(
  scope: FastifyInstance,
  { recordSignIn }: Pick<SignInRoutesOptions, 'recordSignIn'>,
): void {
  scope.post(routes.signOut, { config, errorHandler: onSignedOut }, async (request, reply) => {
    const { isSignedIn, operator, session } = request;
    if (isSignedIn) {
      await recordSignIn({ action: 'operator.sign-out', by: operator.name, from: clientAddress(request) });
    }
    await session.destroy();
    return reply.redirect(routes.signIn, 303);
  });
}

/** Treats signing out of an expired session as signed out. */
function onSignedOut(error: FastifyError, { isSignedIn }: FastifyRequest, reply: FastifyReply): void {
  if (isSignedIn || !isCsrfError(error)) throw error;
  void reply.redirect(routes.signIn, 303);
}

/** Truncated, because it is shown and written to the audit log. */
function nameOf(body: unknown): string {
  return field(body, 'name').slice(0, MAX_NAME_LENGTH);
}

/** Sends the sign-in page with a fresh CSRF token. */
export function sendSignInPage(
  reply: FastifyReply,
  page: Omit<Parameters<typeof renderSignIn>[0], 'csrfToken'>,
): FastifyReply {
  const csrfToken = reply.csrfToken();
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(renderSignIn({ ...page, csrfToken }));
}
