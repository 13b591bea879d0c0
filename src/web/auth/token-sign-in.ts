/** Sign-in with the access token, for a dashboard without operators: by the printed address, or by pasting the token. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../kit/clock.ts';
import { clientAddress } from '../client-address.ts';
import { field } from '../dashboard/form-fields.ts';
import { routes } from '../paths.ts';
import { type Access, isOnThisMachine } from './identity.ts';
import type { RecordRefusal } from './passwords.ts';
import { refuseAnonymous } from './refusals.tsx';
import { localPath } from './request-origin.ts';
import type { RecordSignIn, VisitLimit } from './sign-in-routes.ts';
import { LOOPBACK_ONLY, renderTokenSignIn } from './sign-in-page.tsx';

interface TokenSignInOptions {
  access: Access & { kind: 'token' };
  limitVisits: VisitLimit;
  recordSignIn: RecordSignIn;
  recordRefusal: RecordRefusal;
  clock: Clock;
}

const config = { role: 'anyone' } as const;

const WRONG_TOKEN =
  'This is not the access token of the running process. It changes with every start: use the newest address that was printed.';

/** Adds the routes to a scope that has sessions. */
export function addTokenSignIn(
  scope: FastifyInstance,
  { access: { token, name }, limitVisits, recordSignIn, recordRefusal, clock }: TokenSignInOptions,
): void {
  const limited = { config, onRequest: [limitVisits, refuseRemote] };

  const signIn = async (request: FastifyRequest, reply: FastifyReply, given: string, to: string) => {
    const from = clientAddress(request);
    if (!token.matches(given)) {
      recordRefusal({ by: 'unknown', from, why: 'wrong' });
      return sendPage(reply.code(401), to, WRONG_TOKEN);
    }
    // A new id prevents session fixation.
    await request.session.regenerate();
    request.session.signedIn = { name, at: clock(), by: { kind: 'token' } };
    await recordSignIn({ action: 'operator.sign-in', by: name, from });
    // The address with the token must not stay in the browser's address bar.
    return reply.header('cache-control', 'no-store').redirect(to, 303);
  };

  scope.get<{ Querystring: { to?: unknown; token?: unknown } }>(
    routes.signIn,
    limited,
    async (request, reply) => {
      const { to: target, token: given } = request.query;
      const to = localPath(typeof target === 'string' ? target : undefined);
      if (typeof given === 'string') return signIn(request, reply, given, to);
      return request.isSignedIn ? reply.redirect(to, 303) : sendPage(reply, to);
    },
  );

  /** Takes `token` and the path `to` go to. */
  scope.post(routes.signIn, limited, async (request, reply) => {
    const { body } = request;
    return signIn(request, reply, field(body, 'token'), localPath(field(body, 'to')));
  });
}

function sendPage(reply: FastifyReply, to: string, problem?: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(renderTokenSignIn({ to, csrfToken: reply.csrfToken(), problem }));
}

async function refuseRemote(request: FastifyRequest, reply: FastifyReply) {
  if (isOnThisMachine(request)) return undefined;
  return refuseAnonymous(request, reply, { kind: 'closed', problem: LOOPBACK_ONLY });
}
