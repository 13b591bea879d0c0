/** The addresses of signing in by OpenID Connect. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { localPath } from './local-path.ts';
import type { NoteSignIn } from './sign-in-routes.ts';
import { renderSignIn } from './sign-in-page.tsx';
import { CALLBACK, type SingleSignOn } from './single-sign-on.ts';
import type { VisitLimit } from './visit-limit.ts';

export interface SsoRoutesOptions {
  sso: SingleSignOn;
  limitVisits: VisitLimit;
  note: NoteSignIn;
  clock: Clock;
  log: Logger;
}

const config = { role: 'anyone' } as const;

/** Adds them to a scope that has sessions. */
export function addSsoRoutes(
  scope: FastifyInstance,
  { sso, limitVisits, note, clock, log }: SsoRoutesOptions,
): void {
  const limited = { config, onRequest: limitVisits };
  scope.get<{ Querystring: { to?: string } }>('/sign-in/sso', limited, async (request, reply) => {
    const to = localPath(request.query.to);
    try {
      const { url, flow } = await sso.begin(to);
      request.session.signingOn = flow;
      return await reply.redirect(url, 303);
    } catch (error) {
      log.error({ event: 'sso.away', err: error });
      return refuse(
        reply.code(502),
        to,
        'The provider does not answer: try again later, or sign in with a password.',
      );
    }
  });

  scope.get(CALLBACK, limited, async (request, reply) => {
    const { signingOn: flow } = request.session;
    delete request.session.signingOn;
    if (flow === undefined) {
      return refuse(
        reply.code(400),
        '/',
        'This sign-in is over already or was begun in another browser: sign in anew.',
      );
    }
    const signedOn = await sso.end(queryOf(request), flow);
    const from = request.socket.remoteAddress ?? '';
    if (!signedOn.ok) {
      await note({ act: 'operator.refused', by: signedOn.name ?? 'nobody', from });
      return refuse(reply.code(403), flow.to, signedOn.problem);
    }
    const { name, role } = signedOn.operator;
    await request.session.regenerate();
    request.session.signedIn = { name, at: clock(), by: { kind: 'sso', role } };
    await note({ act: 'operator.sign-in', by: name, from });
    return reply.redirect(flow.to, 303);
  });
}

function queryOf({ url }: FastifyRequest): string {
  return url.split('?')[1] ?? '';
}

function refuse(reply: FastifyReply, to: string, problem: string): FastifyReply {
  const csrfToken = reply.csrfToken();
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(renderSignIn({ to, csrfToken, problem, hasSso: true }));
}
