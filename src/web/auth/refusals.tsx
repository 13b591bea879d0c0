/** Rejects requests without the needed rights, in the form that the client expects: a page, JSON or a redirect. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OperatorRole } from '../../domain/operators/operator.ts';
import { renderRefusal } from '../dashboard/layout.tsx';
import { pathTo, routes } from '../paths.ts';
import type { Identity } from './identity.ts';
import { isScript, previousPath } from './request-origin.ts';
import { renderClosed } from './sign-in-page.tsx';

const TOO_OFTEN = 'Too many incorrect passwords, or too many sign-ins at once. Try again in a minute.';

/** Rejects a request without a sign-in. Sends browsers to the sign-in page and back. */
export function refuseAnonymous(
  request: FastifyRequest,
  reply: FastifyReply,
  identity: Exclude<Identity, { kind: 'operator' }>,
): FastifyReply {
  const { url, method, headers } = request;
  if (identity.kind === 'closed') {
    const { problem } = identity;
    if (isForMachines(request)) return sendError(reply.code(403), 'LOOPBACK_ONLY', problem);
    return sendPage(reply.code(403), renderClosed(problem));
  }
  if (identity.kind === 'too-often') {
    return sendError(reply.code(429).header('retry-after', '60'), 'RATE_LIMITED', TOO_OFTEN);
  }
  const wantsPage = method === 'GET' || headers.accept?.includes('text/html') === true;
  if (headers['hx-request'] !== undefined) {
    return reply
      .code(401)
      .header('hx-redirect', signInThen(previousPath(headers)))
      .send();
  }
  if (wantsPage && !isForMachines(request)) {
    // What was typed into a form is lost, but the user returns to its page.
    return reply.redirect(signInThen(method === 'GET' ? url : previousPath(headers)), 303);
  }
  // Browsers would open their own password dialog and cache its answer, so that signing out is impossible.
  if (isScript(headers)) reply.header('www-authenticate', 'Basic realm="passbridge", charset="UTF-8"');
  const message = identity.kind === 'wrong-password' ? 'The credentials are incorrect.' : 'Sign in first.';
  return sendError(reply.code(401), 'UNAUTHENTICATED', message);
}

function signInThen(to: string): string {
  return pathTo(routes.signIn, {}, { to });
}

/** Rejects a request whose operator has a lower role than needed. */
export function refuseRole(request: FastifyRequest, reply: FastifyReply, needed: OperatorRole): FastifyReply {
  const { name, role } = request.operator;
  const message = `You need the ${needed} role to do this. You are signed in as ${name} (${role}).`;
  reply.code(403);
  if (isForMachines(request)) return sendError(reply, 'ROLE_TOO_LOW', message);
  return sendPage(reply, renderRefusal({ title: 'You don’t have access', message }));
}

function isForMachines({ url, headers }: FastifyRequest): boolean {
  return url.startsWith('/api/') || url.startsWith('/uploads') || headers.accept === 'text/event-stream';
}

function sendError(reply: FastifyReply, code: string, message: string): FastifyReply {
  return reply.send({ error: { code, message } });
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}
