/** Who does something by a form of the dashboard, and why. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ActionContext } from '../dashboard-service.ts';
import { LONGEST_REASON } from './confirm.tsx';

/** Reads the reason out of the form; there may be none. */
export function actionOf({ operator, body }: FastifyRequest): ActionContext {
  return { by: operator.name, via: 'dashboard', reason: field(body, 'reason').slice(0, LONGEST_REASON) };
}

/** One field of a form; empty where it has none of that name. */
export function field(body: unknown, name: string): string {
  const value = (body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** To a page of ours, with a GET. */
export function goTo(reply: FastifyReply, path: string): FastifyReply {
  return reply.redirect(path, 303);
}
