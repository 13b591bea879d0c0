/** Reads the forms that browsers send, and answers them. */

import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ActionContext } from './dashboard-service.ts';

/** Room for a thousand ticked boxes. */
const MAX_FORM_BYTES = 256 * 1024;

/** Characters of a reason. */
export const MAX_REASON_LENGTH = 300;

/** Parses forms into objects; a name that occurs several times becomes an array. */
export async function addForms(scope: FastifyInstance): Promise<void> {
  await scope.register(formbody, { bodyLimit: MAX_FORM_BYTES });
}

/** Returns one field, trimmed; empty if the form has no single field of that name. */
export function field(body: unknown, name: string): string {
  const value = (body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** Returns who sent a form and the reason that they gave; the reason may be empty. */
export function contextOf({ operator, body }: FastifyRequest): ActionContext {
  return { by: operator.name, via: 'dashboard', reason: field(body, 'reason').slice(0, MAX_REASON_LENGTH) };
}

/** Redirects to a page of the dashboard, with a GET. */
export function redirectTo(reply: FastifyReply, path: string): FastifyReply {
  return reply.redirect(path, 303);
}
