/** What goes wrong, as JSON: `{"error":{"code","message"}}`. */

import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { UserError } from '../../kit/user-error.ts';
import type { Logger } from '../../kit/logger.ts';
import { isUnproven, unproven } from '../auth/unproven.ts';

export function sendError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ error: { code, message } });
}

/** Answers 404 where something was looked for and is not there. */
export function found<T>(thing: T | undefined, what: string): T {
  if (thing !== undefined) return thing;
  throw new NotFound(`There is no ${what}.`);
}

class NotFound extends Error {}

/** 400 for what cannot be read, 403 without the token of a page, 404, 409 for what cannot be done as things stand. */
export function withErrors(api: FastifyInstance, log: Logger): void {
  api.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (error instanceof UserError) return sendError(reply, 409, error.code, error.message);
    if (error instanceof NotFound) return sendError(reply, 404, 'NOT_FOUND', error.message);
    if (isUnproven(error)) return sendError(reply, 403, 'UNPROVEN', unproven);
    const status = error.statusCode ?? 500;
    if (status < 500) return sendError(reply, status, 'INVALID_REQUEST', error.message);
    log.error({ event: 'api.failed', route: request.routeOptions.url, err: error });
    return sendError(reply, 500, 'FAILED', 'It could not be done. The log of this process says why.');
  });
}
