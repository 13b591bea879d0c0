/**
 * Guards the dashboard and its API: checks the role that each route declares, for every request and
 * stream. A change from a session needs the CSRF token of a page; scripts use a name and password instead.
 */

import cookie from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import rateLimit from '@fastify/rate-limit';
import session from '@fastify/session';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hasRole, type OperatorRole } from '../../domain/operators/operator.ts';
import { monotonicClock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { addressGroup, clientAddress } from '../client-address.ts';
import { type Identity, type IdentityOptions, makeIdentity } from './identity.ts';
import { makePasswordCheck, type RecordRefusal } from './passwords.ts';
import { refuseAnonymous, refuseRole } from './refusals.tsx';
import { isCrossSite } from './request-origin.ts';
import { requireRoles } from './rights.ts';
import { IDLE_MS, makeSessionStore, type Sessions } from './session-store.ts';
import { addSignInRoutes, addSignOut, type SignInRoutesOptions } from './sign-in-routes.ts';
import type { SingleSignOn } from './single-sign-on.ts';
import { addSsoRoutes } from './sso-routes.ts';
import { addTokenSignIn } from './token-sign-in.ts';

export interface SignInOptions
  extends IdentityOptions, Omit<SignInRoutesOptions, 'check' | 'hasSso' | 'limitVisits'> {
  /** Records a sign-in that was refused; must limit itself, because there may be thousands a minute. */
  recordRefusal: RecordRefusal;
  /** Absent if no provider is configured. */
  sso?: SingleSignOn;
  log: Logger;
  sessions: Sessions;
  /** Signs session cookies; at least 32 characters, the same in all processes. */
  secret: string;
  /** Whether browsers use HTTPS, also if a proxy terminates it. */
  isHttps: boolean;
}

/**
 * Visits of the sign-in routes per address and minute. Each stores a session in Redis before anyone has
 * signed in, and a full Redis stops all processing.
 */
const MAX_VISITS_PER_MINUTE = 120;

/** Guards a scope. Must be called before anything else is added to it. */
export async function addSignIn(scope: FastifyInstance, options: SignInOptions): Promise<void> {
  const { sessions, secret, isHttps } = options;
  requireRoles(scope);
  await scope.register(rateLimit, { global: false });
  await scope.register(cookie);
  await scope.register(session, {
    secret,
    cookieName: 'passbridge',
    store: makeSessionStore(sessions),
    saveUninitialized: false,
    cookie: { path: '/', httpOnly: true, sameSite: 'lax', secure: false, maxAge: IDLE_MS },
  });
  if (isHttps) addSecureAttribute(scope);
  await scope.register(csrf, { sessionPlugin: '@fastify/session', getToken: csrfTokenOf });
  addGuard(scope, options);
  scope.decorateReply('csrfToken', function csrfToken() {
    return this.generateCsrf();
  });
}

/**
 * Adds `Secure` to all cookies. The session plugin refuses to send a secure cookie over what it sees as
 * plain HTTP, and a proxy that terminates TLS need not announce it.
 */
function addSecureAttribute(scope: FastifyInstance): void {
  scope.addHook('onSend', async (_request, reply) => {
    const cookies = [reply.getHeader('set-cookie') ?? []].flat().map(String);
    if (cookies.length === 0) return;
    reply.removeHeader('set-cookie');
    reply.header(
      'set-cookie',
      cookies.map((one) => `${one}; Secure`),
    );
  });
}

function addGuard(scope: FastifyInstance, options: SignInOptions): void {
  const { access, recordRefusal } = options;
  const check =
    access.kind === 'operators'
      ? makePasswordCheck(access.operators, monotonicClock, recordRefusal)
      : undefined;
  const identify = makeIdentity(options, check);
  scope.decorateRequest('isSignedIn', false);
  scope.decorateRequest('isStillAllowed');
  const identities = new WeakMap<FastifyRequest, Identity>();

  scope.addHook('onRequest', async (request, reply) => {
    const identity = await identify(request);
    identities.set(request, identity);
    const needed = neededRole(request);
    if (identity.kind === 'operator') request.operator = identity.operator;
    request.isSignedIn = identity.kind === 'operator' && identity.by === 'session';
    request.isStillAllowed = async () => {
      // The session may have been signed out or have expired in another tab.
      if (request.isSignedIn) await request.session.reload();
      const now = await identify(request);
      return now.kind === 'operator' && (needed === 'anyone' || hasRole(now.operator.role, needed));
    };
    if (needed === 'anyone') return;
    if (identity.kind !== 'operator') return refuseAnonymous(request, reply, identity);
    if (!hasRole(identity.operator.role, needed)) return refuseRole(request, reply, needed);
  });

  scope.addHook('preValidation', (request, reply, done) => {
    const identity = identities.get(request);
    const needsNoToken =
      identity?.kind === 'operator' && identity.by === 'credentials' && !isCrossSite(request.headers);
    if (isReading(request) || needsNoToken) return done();
    // A missing or wrong token ends in the error handler.
    scope.csrfProtection(request, reply, done);
  });

  const { sso } = options;
  const limitVisits = scope.rateLimit({
    keyGenerator: (request) => addressGroup(clientAddress(request)),
    max: MAX_VISITS_PER_MINUTE,
    timeWindow: 60_000,
    errorResponseBuilder: () =>
      Object.assign(new Error('Too many sign-in attempts from your address. Try again in a minute.'), {
        statusCode: 429,
      }),
  });
  switch (access.kind) {
    case 'off':
      return;
    case 'token':
      addTokenSignIn(scope, { ...options, access, limitVisits });
      break;
    case 'operators':
      addSignInRoutes(scope, { ...options, check, limitVisits, hasSso: sso !== undefined });
      break;
  }
  addSignOut(scope, options);
  if (sso !== undefined) addSsoRoutes(scope, { ...options, limitVisits, sso });
}

function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** Unknown paths must require a role too, so that only operators learn which paths exist. */
function neededRole(request: FastifyRequest) {
  return (request.routeOptions.config as { role?: OperatorRole | 'anyone' } | undefined)?.role ?? 'viewer';
}

function csrfTokenOf({ headers, body }: FastifyRequest): string {
  const sent = headers['csrf-token'] ?? (body as Record<string, unknown> | undefined)?.['_csrf'];
  return typeof sent === 'string' ? sent : '';
}
