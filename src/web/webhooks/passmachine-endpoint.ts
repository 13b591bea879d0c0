/**
 * Passmachine's own addresses, for a Bloomreach in which only the endpoint was changed. Bodies are forwarded byte for
 * byte. A sender that prefers to wait gets Passmachine's own answer if it arrives in time.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { JobAnswer } from '../../domain/jobs/outcome.ts';
import type { WebhookRequest } from '../../domain/jobs/webhook-request.ts';
import { acceptRequest, type ReceiveWebhookRequest, refusal, refuse } from './answers.ts';
import { addEndpoint } from './endpoint.ts';
import { parsePassRequest, type PassRequestOptions } from './pass-request.ts';
import { bytesOf, idempotencyKeyOf, parseJson, pathOf, preferredWaitMs } from './request.ts';

export interface PassmachineEndpointOptions extends PassRequestOptions {
  /** The account in the addresses; undefined if none is configured. */
  accountId: string | undefined;
  /** How long a request without a preference waits for its result, in milliseconds. */
  waitMs: number;
  receive: ReceiveWebhookRequest;
  /** Returns the result of a job; undefined if it has none within `ms`. */
  answerTo: (job: string, ms: number) => Promise<JobAnswer | undefined>;
}

/** Bloomreach gives up after a second. */
const MAX_WAIT_MS = 900;

/** Adds the endpoint to a guarded scope. */
export function addPassmachineEndpoint(guarded: FastifyInstance, options: PassmachineEndpointOptions): void {
  const { accountId, receive, answerTo } = options;

  addEndpoint(guarded, '/accounts', async (request, reply) => {
    const receivedAt = performance.now();
    const address = parseAddress(request, accountId);
    if (!address.ok) return refuse(reply, 'INVALID_REQUEST', address.problem);
    const bytes = bytesOf(request);
    const body = parseJson(bytes, 'customer');
    if (!body.ok) return refuse(reply, body.code, body.problem);
    const parsed = parsePassRequest({ ...address, value: body.value, text: bytes.toString() }, options);
    if (!parsed.ok) return refuse(reply, parsed.code, parsed.problem);

    const preferred = preferredWaitMs(request);
    const waitMs = Math.min(preferred ?? options.waitMs, MAX_WAIT_MS);
    const received: WebhookRequest = waitMs > 0 ? { ...parsed.request, awaited: true } : parsed.request;
    const accepted = await acceptRequest(receive, received, idempotencyKeyOf(request));
    if (!accepted.success) return accepted;
    const acknowledgment = { success: true, result: { job_id: accepted.job_id } };
    if (waitMs <= 0) return acknowledgment;
    const result = await answerTo(accepted.job_id, receivedAt + waitMs - performance.now());
    if (result === undefined) return acknowledgment;
    if (preferred !== undefined) reply.header('preference-applied', 'wait');
    if (!result.ok) return refusal(result.code, result.meaning);
    // In the shape that the guide's "Save card data" step reads; a PATCH has no answer.
    return result.answer ?? acknowledgment;
  });
}

type Address =
  | { ok: true; passId: string | undefined; program: string | undefined }
  | { ok: false; problem: string };

const ADDRESSES = 'POST /accounts/{account}/passes or PATCH /accounts/{account}/passes/{pass id}';

/** Parses the card from the address: undefined for a new one, empty if Bloomreach had no id to fill in. */
function parseAddress(request: FastifyRequest, accountId: string | undefined): Address {
  // Fastify has rejected a path that cannot be decoded.
  const [, , account = '', passes, ...rest] = pathOf(request).split('/').map(decodeURIComponent);
  if (passes !== 'passes') return wrongAddress(`unknown address; use ${ADDRESSES}`);
  if (accountId === undefined) return wrongAddress('PASSMACHINE_ACCOUNT_ID is not set');
  if (account !== accountId) return wrongAddress('the account in the address is not PASSMACHINE_ACCOUNT_ID');
  const { program } = request.query as { program?: unknown };
  const named = { program: typeof program === 'string' ? program : undefined };
  const passId = rest.join('/');
  if (request.method === 'POST' && passId === '') return { ok: true, passId: undefined, ...named };
  if (request.method === 'PATCH') return { ok: true, passId, ...named };
  return wrongAddress(`unknown address; use ${ADDRESSES}`);
}

function wrongAddress(problem: string): Address {
  return { ok: false, problem };
}
