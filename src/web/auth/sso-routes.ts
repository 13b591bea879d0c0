/** Sign-in with an OpenID Connect provider: the redirect there, and the callback. */

import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { clientAddress } from '../client-address.ts';
import { routes } from '../paths.ts';
import type { RecordRefusal } from './passwords.ts';
import { localPath } from './request-origin.ts';
import { type RecordSignIn, sendSignInPage, type VisitLimit } from './sign-in-routes.ts';
import type { SingleSignOn } from './single-sign-on.ts';

export interface SsoRoutesOptions {
  sso: SingleSignOn;
  limitVisits: VisitLimit;
  recordSignIn: RecordSignIn;
  recordRefusal: RecordRefusal;
  clock: Clock;
  log: Logger;
}

const config = { role: 'anyone' } as const;

/** Adds the routes to a scope that has sessions. */
export function addSsoRoutes(
  scope: FastifyInstance,
  { sso, limitVisits, recordSignIn, recordRefusal, clock, log }: SsoRoutesOptions,
): void {
  const limited = { config, onRequest: limitVisits };
  scope.get<{ Querystring: { to?: string } }>(routes.signInSso, limited, async (request, reply) => {
    const to = localPath(request.query.to);
    try {
      const { url, flow } = await sso.start(to);
      request.session.signingOn = flow;
      return await reply.redirect(url, 303);
    } catch (error) {
      log.error({ event: 'sso.unavailable', err: error });
      return refuse(
        reply.code(502),
        to,
        'The sign-in provider does not answer. Try again later, or sign in with a password.',
      );
    }
  });

  scope.get(routes.ssoCallback, limited, async (request, reply) => {
    const { signingOn: flow } = request.session;
    delete request.session.signingOn;
    if (flow === undefined) {
      const problem = 'This sign-in has finished already or was started in another browser. Sign in again.';
      return refuse(reply.code(400), routes.overview, problem);
    }
    const signedOn = await sso.finish(request.url.split('?')[1] ?? '', flow);
    const from = clientAddress(request);
    if (!signedOn.ok) {
      recordRefusal({ by: signedOn.name ?? 'unknown', from, why: 'wrong' });
      return refuse(reply.code(403), flow.to, signedOn.problem);
    }
    const { operator, identity } = signedOn;
    const { name, role } = operator;
    await request.session.regenerate();
    request.session.signedIn = { name, at: clock(), by: { kind: 'sso', role } };
    await recordSignIn({ action: 'operator.sign-in', by: name, from, identity });
    return reply.redirect(flow.to, 303);
  });
}

function refuse(reply: FastifyReply, to: string, problem: string): FastifyReply {
  return sendSignInPage(reply, { to, problem, hasSso: true });
}
