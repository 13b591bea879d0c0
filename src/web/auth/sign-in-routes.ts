/** The addresses where people sign in and out. */

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../kit/clock.ts';
import { field } from '../dashboard/parts/audited-action.ts';
import { localPath } from './local-path.ts';
import type { PasswordCheck } from './passwords.ts';
import { renderSignIn } from './sign-in-page.tsx';
import { isUnproven } from './unproven.ts';
import type { VisitLimit } from './visit-limit.ts';

export interface SignInRoutesOptions {
  /** Undefined where nobody can sign in. */
  check: PasswordCheck | undefined;
  /** Whether a provider is another way in. */
  hasSso: boolean;
  limitVisits: VisitLimit;
  note: NoteSignIn;
  clock: Clock;
}

/** Writes down who signed in or out, and from where somebody was refused. */
export type NoteSignIn = (entry: {
  act: 'operator.sign-in' | 'operator.sign-out' | 'operator.refused';
  by: string;
  from: string;
}) => Promise<void>;

const config = { role: 'anyone' } as const;

const problems = {
  wrong: 'No such name, or another password.',
  'too-often': 'Too many wrong passwords: wait a minute.',
  'too-late': 'This page had been open for too long: sign in again.',
} as const;

/** Adds them to a scope that has sessions. */
export function addSignInRoutes(
  scope: FastifyInstance,
  { check, hasSso, limitVisits, note, clock }: SignInRoutesOptions,
): void {
  const limited = { config, onRequest: limitVisits };

  scope.get<{ Querystring: { to?: string } }>('/sign-in', limited, async (request, reply) => {
    const to = localPath(request.query.to);
    if (check === undefined || request.isSignedIn) return reply.redirect(to, 303);
    return sendPage(reply, { to, hasSso });
  });

  /** Its session has ended, and with it the token: the form is as good as new. */
  const anew = (error: FastifyError, { body }: FastifyRequest, reply: FastifyReply): void => {
    if (!isUnproven(error)) throw error;
    const to = localPath(field(body, 'to'));
    void sendPage(reply.code(403), { to, name: nameOf(body), hasSso, problem: problems['too-late'] });
  };

  /** `name`, `password` and where `to` go. */
  scope.post('/sign-in', { ...limited, errorHandler: anew }, async (request, reply) => {
    const { body, session, socket } = request;
    const to = localPath(field(body, 'to'));
    if (check === undefined) return reply.redirect(to, 303);
    const name = nameOf(body);
    const { password } = (body ?? {}) as { password?: unknown };
    const from = socket.remoteAddress ?? '';
    const checked = await check(name, typeof password === 'string' ? password : '', from);
    if (checked.kind !== 'right') {
      if (checked.kind === 'wrong') await note({ act: 'operator.refused', by: name, from });
      return sendPage(reply.code(checked.kind === 'wrong' ? 401 : 429), {
        to,
        name,
        hasSso,
        problem: problems[checked.kind],
      });
    }
    // Whoever knows the session from before does not get into this one.
    await session.regenerate();
    request.session.signedIn = { name, at: clock(), by: { kind: 'password', stamp: checked.stamp } };
    await note({ act: 'operator.sign-in', by: name, from });
    return reply.redirect(to, 303);
  });

  scope.post('/sign-out', { config, errorHandler: outAlready }, async (request, reply) => {
    const { isSignedIn, operator, session, socket } = request;
    if (isSignedIn) {
      await note({ act: 'operator.sign-out', by: operator.name, from: socket.remoteAddress ?? '' });
    }
    await session.destroy();
    return reply.redirect('/sign-in', 303);
  });
}

/** Whoever signs out of a session that has ended is out. */
function outAlready(error: FastifyError, { isSignedIn }: FastifyRequest, reply: FastifyReply): void {
  if (isSignedIn || !isUnproven(error)) throw error;
  void reply.redirect('/sign-in', 303);
}

/** Cut to what a name may be: it is shown and written down. */
function nameOf(body: unknown): string {
  return field(body, 'name').slice(0, 64);
}

function sendPage(
  reply: FastifyReply,
  page: Omit<Parameters<typeof renderSignIn>[0], 'csrfToken'>,
): FastifyReply {
  const csrfToken = reply.csrfToken();
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(renderSignIn({ ...page, csrfToken }));
}
