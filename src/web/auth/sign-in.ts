/**
 * Who may use the dashboard and its API. Every route of the scope says which role it takes, and it
 * is checked here, for every request and stream. Whoever has a session proves with a token that a
 * change was asked for from one of our pages; scripts come with name and password instead.
 */

import cookie from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import session from '@fastify/session';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { mayAct, type OperatorRole } from '../../domain/operators/operator.ts';
import type { Logger } from '../../kit/logger.ts';
import { mayBeLured } from './own-page.ts';
import { type Asking, type IdentityOptions, makeIdentity } from './identity.ts';
import { insistOnRoles } from './rights.ts';
import { IDLE_MS, makeSessionStore, type Sessions, VISIT_MS } from './session-store.ts';
import { refuseRole, refuseStranger } from './refusals.tsx';
import { addSignInRoutes, type SignInRoutesOptions } from './sign-in-routes.ts';
import type { SingleSignOn } from './single-sign-on.ts';
import { addSsoRoutes } from './sso-routes.ts';
import { makeVisitLimit } from './visit-limit.ts';

export interface SignInOptions
  extends IdentityOptions, Omit<SignInRoutesOptions, 'check' | 'hasSso' | 'limitVisits'> {
  /** Absent where no provider is configured. */
  sso?: SingleSignOn;
  log: Logger;
  sessions: Sessions;
  /** Signs session cookies; at least 32 characters, the same for all processes. */
  secret: string;
  /** Whether browsers reach us by https, wherever it ends. */
  isHttps: boolean;
}

/** Guards a scope; to be called before anything else is added to it. */
export async function addSignIn(scope: FastifyInstance, options: SignInOptions): Promise<void> {
  const { operators, sessions, secret, isHttps } = options;
  insistOnRoles(scope);
  await scope.register(cookie);
  await scope.register(session, {
    secret,
    cookieName: 'passbridge',
    // Where nobody signs in, all sessions are those of whoever sits here.
    store: makeSessionStore(sessions, operators === undefined ? IDLE_MS : VISIT_MS),
    saveUninitialized: false,
    cookie: { path: '/', httpOnly: true, sameSite: 'lax', secure: false, maxAge: IDLE_MS },
  });
  if (isHttps) addSecure(scope);
  await scope.register(csrf, { sessionPlugin: '@fastify/session', getToken: tokenOf });
  addGuard(scope, options);
  scope.decorateReply('csrfToken', function csrfToken() {
    return this.generateCsrf();
  });
}

/** TLS ends at a proxy, which need not tell us: the session plugin would not send a secure cookie then. */
function addSecure(scope: FastifyInstance): void {
  scope.addHook('onSend', async (_request, reply) => {
    const set = [reply.getHeader('set-cookie') ?? []].flat().map(String);
    if (set.length === 0) return;
    reply.removeHeader('set-cookie');
    reply.header(
      'set-cookie',
      set.map((one) => `${one}; Secure`),
    );
  });
}

function addGuard(scope: FastifyInstance, options: SignInOptions): void {
  const { identify, check } = makeIdentity(options);
  scope.decorateRequest('isSignedIn', false);
  scope.decorateRequest('mayStay');
  const asking = new WeakMap<FastifyRequest, Asking>();

  scope.addHook('onRequest', async (request, reply) => {
    const found = await identify(request);
    asking.set(request, found);
    const needed = roleOf(request);
    if (found.kind === 'operator') request.operator = found.operator;
    request.isSignedIn = found.kind === 'operator' && found.by === 'session';
    request.mayStay = async () => {
      // It may have been signed out, or have ended, in another tab.
      if (request.isSignedIn) await request.session.reload();
      const now = await identify(request);
      return now.kind === 'operator' && (needed === 'anyone' || mayAct(now.operator.role, needed));
    };
    if (needed === 'anyone') return;
    if (found.kind !== 'operator') return refuseStranger(request, reply, found.kind);
    if (!mayAct(found.operator.role, needed)) return refuseRole(request, reply, needed);
  });

  scope.addHook('preValidation', (request, reply, done) => {
    const found = asking.get(request);
    const proves = found?.kind === 'operator' && found.by === 'password' && !mayBeLured(request.headers);
    if (isReading(request) || proves) return done();
    // It answers by itself where the token is missing or wrong, by the error handler.
    scope.csrfProtection(request, reply, done);
  });

  const { sso, clock } = options;
  const limitVisits = makeVisitLimit(clock);
  addSignInRoutes(scope, { ...options, check, limitVisits, hasSso: sso !== undefined });
  if (sso !== undefined) addSsoRoutes(scope, { ...options, limitVisits, sso });
}

function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** An address that there is nothing at is told to nobody but those who have signed in. */
function roleOf(request: FastifyRequest) {
  return (request.routeOptions.config as { role?: OperatorRole | 'anyone' } | undefined)?.role ?? 'viewer';
}

function tokenOf({ headers, body }: FastifyRequest): string {
  const sent = headers['csrf-token'] ?? (body as Record<string, unknown> | undefined)?.['_csrf'];
  return typeof sent === 'string' ? sent : '';
}
