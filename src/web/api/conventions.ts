/** Conventions that all API routes share: typed schemas, the audit context, and errors as `{"error":{"code","message"}}`. */

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Logger } from '../../kit/logger.ts';
import { describeRefusal, explainRefusal } from '../../kit/redis/refusal.ts';
import { UserError } from '../../kit/user-error.ts';
import { csrfProblem, isCsrfError } from '../auth/request-origin.ts';
import type { ActionContext } from '../dashboard/dashboard-service.ts';
import { MAX_REASON_LENGTH } from '../dashboard/form-fields.ts';
import { statusOfRefusal } from '../refusal-status.ts';

/** Returns the same scope; its requests are typed by their schemas. */
export function typed(api: FastifyInstance) {
  return api.withTypeProvider<ZodTypeProvider>();
}

export const reasonField = z.string().max(MAX_REASON_LENGTH).default('').describe('Goes into the audit log.');

/** Body of a change that takes nothing but a reason; may be absent, which Fastify parses as null. */
export const reasonBody = z
  .object({ reason: reasonField })
  .nullish()
  .transform((body) => body ?? { reason: '' });

/** Returns who made a request, and why. */
export function contextOf({ operator }: Pick<FastifyRequest, 'operator'>, reason: string): ActionContext {
  return { by: operator.name, via: 'api', reason };
}

export function sendError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ error: { code, message } });
}

/** Returns the value, or throws a 404 if it is undefined. `what`: e.g. `campaign abc`; `hint`: a sentence. */
export function found<T>(value: T | undefined, what: string, hint = ''): T {
  if (value !== undefined) return value;
  throw new NotFound(`There is no ${what}.${hint === '' ? '' : ` ${hint}`}`);
}

class NotFound extends Error {}

/**
 * Answers errors: 400 for a request that can never succeed, 403 for a missing CSRF token, 404 for an unknown object, 409 if
 * the current state does not allow the request, 503 while Redis refuses it, 500 for a bug.
 */
export function addErrorHandler(api: FastifyInstance, log: Logger): void {
  api.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (error instanceof UserError)
      return sendError(reply, statusOfRefusal(error.code), error.code, error.message);
    if (error instanceof NotFound) return sendError(reply, 404, 'NOT_FOUND', error.message);
    if (isCsrfError(error)) return sendError(reply, 403, 'INVALID_CSRF_TOKEN', csrfProblem);
    const status = error.statusCode ?? 500;
    if (status < 500) return sendError(reply, status, 'INVALID_REQUEST', error.message);
    log.error({ event: 'api.failed', route: request.routeOptions.url, err: error });
    const refusal = explainRefusal(error);
    if (refusal !== undefined) return sendError(reply, 503, 'REDIS_REFUSES', describeRefusal(refusal));
    return sendError(reply, 500, 'INTERNAL_ERROR', 'Something went wrong. The server log has the details.');
  });
}
