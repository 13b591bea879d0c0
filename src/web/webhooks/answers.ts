/**
 * Answers of the webhook endpoints. Bloomreach stops a whole campaign at 400, 404, 410, 412, 413 and 418 and sends a
 * request again after a 500, so each error code has the status with the least harmful effect. docs/webhooks.md lists
 * them.
 */

import type { FastifyReply } from 'fastify';
import type { WebhookRequest } from '../../domain/jobs/webhook-request.ts';

const statusOf = {
  /** The request is well-formed, but this customer cannot be served. */
  WEBHOOK_INVALID: 200,
  WEBHOOK_CONFLICT: 200,
  UNAUTHORIZED: 401,
  /** The request as a whole is invalid, and would be when sent again. */
  INVALID_REQUEST: 422,
  RATE_LIMITED: 429,
  /** Nothing was stored; the same request may succeed later. */
  UNAVAILABLE: 500,
} as const;

type ErrorCode = keyof typeof statusOf;

export interface Refusal {
  success: false;
  /** Codes of the table above, failure codes, or skip reasons. */
  errors: { code: string; description: string }[];
}

/** Returns the body of a refusal. Descriptions must not contain personal data, only names of fields. */
export function refusal(code: string, ...descriptions: string[]): Refusal {
  return { success: false, errors: descriptions.map((description) => ({ code, description })) };
}

/** Refuses a whole request. */
export function refuse(reply: FastifyReply, code: ErrorCode, description: string): FastifyReply {
  return reply.code(statusOf[code]).send(refusal(code, description));
}

/** Acknowledgment of a stored request: see the ledger's inbox. */
type WebhookAck = { kind: 'new'; job: { id: string } } | { kind: 'known'; id: string } | { kind: 'conflict' };

/** Stores a request; rejects if it cannot be stored in time. `key` is the sender's idempotency key. */
export type ReceiveWebhookRequest = (delivery: {
  request: WebhookRequest;
  key?: string;
}) => Promise<WebhookAck>;

export type Accepted = { success: true; job_id: string } | Refusal;

/** Stores a request and returns the id of its job, or a refusal if the key was used with different content. */
export async function acceptRequest(
  receive: ReceiveWebhookRequest,
  request: WebhookRequest,
  key: string | undefined,
): Promise<Accepted> {
  const ack = await receive({ request, ...(key !== undefined && { key }) });
  switch (ack.kind) {
    case 'new':
      return { success: true, job_id: ack.job.id };
    case 'known':
      return { success: true, job_id: ack.id };
    case 'conflict':
      return refusal('WEBHOOK_CONFLICT', 'this Idempotency-Key was used before with different content');
  }
}
