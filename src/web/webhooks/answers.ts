/**
 * What a door says when it does not take something. Bloomreach stops a whole campaign at 400, 404,
 * 410, 412, 413 and 418 and sends a request again after a 500, so each reason has the status that
 * does least harm. docs/webhooks.md lists them.
 */

import type { FastifyReply } from 'fastify';

const statusOf = {
  /** One customer cannot be served; the request was understood. */
  WEBHOOK_INVALID: 200,
  WEBHOOK_CONFLICT: 200,
  UNAUTHORIZED: 401,
  /** The request as a whole makes no sense, and would make none a second time. */
  INVALID_REQUEST: 422,
  RATE_LIMITED: 429,
  /** Nothing was stored; the same request may do better later. */
  UNAVAILABLE: 500,
} as const;

type RefusalCode = keyof typeof statusOf;

export interface Refusal {
  success: false;
  /** Codes of this table, or what a job ended with. */
  errors: { code: string; description: string }[];
}

/** A refusal as it stands in an answer; descriptions hold nothing of a customer but the names of fields. */
export function refusal(code: string, ...descriptions: string[]): Refusal {
  return { success: false, errors: descriptions.map((description) => ({ code, description })) };
}

/** Answers a whole request with a refusal. */
export function refuse(reply: FastifyReply, code: RefusalCode, description: string): FastifyReply {
  return reply.code(statusOf[code]).send(refusal(code, description));
}
