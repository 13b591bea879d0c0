/** How somebody is turned away, in the form that they asked in. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OperatorRole } from '../../domain/operators/operator.ts';
import { renderRefusal } from '../dashboard/refusal.tsx';
import { isScript } from './own-page.ts';
import { pageBefore } from './local-path.ts';
import { loopbackOnly, renderLoopbackOnly } from './sign-in-page.tsx';

/** Whoever has not signed in is led to where they can, where that is of use. */
export function refuseStranger(
  request: FastifyRequest,
  reply: FastifyReply,
  kind: 'stranger' | 'refused' | 'elsewhere',
): FastifyReply {
  const { url, method, headers } = request;
  if (kind === 'elsewhere') {
    if (isForMachines(request)) return sendError(reply.code(403), 'NOT_FROM_HERE', loopbackOnly);
    return sendPage(reply.code(403), renderLoopbackOnly());
  }
  const wantsPage = method === 'GET' || headers.accept?.includes('text/html') === true;
  if (headers['hx-request'] !== undefined) {
    return reply
      .code(401)
      .header('hx-redirect', signInThen(pageBefore(headers)))
      .send();
  }
  if (wantsPage && !isForMachines(request)) {
    // A form is lost; the page that it was on is not.
    return reply.redirect(signInThen(method === 'GET' ? url : pageBefore(headers)), 303);
  }
  // A browser would ask by a window of its own, and remember what it was told: nobody could sign out.
  if (isScript(headers)) reply.header('www-authenticate', 'Basic realm="passbridge", charset="UTF-8"');
  const why =
    kind === 'refused' ? 'Wrong name or password, or too many tries: wait a minute.' : 'Sign in first.';
  return sendError(reply.code(401), 'SIGN_IN', why);
}

function signInThen(to: string): string {
  return `/sign-in?to=${encodeURIComponent(to)}`;
}

export function refuseRole(request: FastifyRequest, reply: FastifyReply, needed: OperatorRole): FastifyReply {
  const { name, role } = request.operator;
  return refuse(request, reply, 'ROLE_TOO_LOW', `${name} is signed in as ${role}; this takes ${needed}.`);
}

function refuse(request: FastifyRequest, reply: FastifyReply, code: string, message: string): FastifyReply {
  reply.code(403);
  if (isForMachines(request)) return sendError(reply, code, message);
  return sendPage(reply, renderRefusal(message, undefined));
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
