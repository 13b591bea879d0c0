/**
 * Passmachine's own addresses, for a Bloomreach in which only the endpoint was changed. Bodies go
 * on byte for byte. Whoever asks for it waits a moment for the card itself.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebhookRequest } from '../../domain/jobs/webhook-request.ts';
import type { JobAnswer } from '../../domain/jobs/job-answer.ts';
import { refusal, refuse } from './answers.ts';
import { addEndpoint } from './endpoint.ts';
import { type ReceiveWebhookRequest, takeIn } from './intake.ts';
import { readJson } from './json-body.ts';
import { parsePassRequest, type PassRequestOptions } from './pass-request.ts';
import { bytesOf, keyOf, pathOf, wishedWaitMs } from './request.ts';

export interface PassmachineEndpointOptions extends PassRequestOptions {
  /** The account in the addresses; undefined where none is configured. */
  accountId: string | undefined;
  /** How long a request waits for its result where it does not say, ms. */
  waitMs: number;
  receive: ReceiveWebhookRequest;
  /** What came of a job; undefined where nothing did within that many milliseconds. */
  answerTo: (job: string, ms: number) => Promise<JobAnswer | undefined>;
}

/** Bloomreach gives up after a second. */
const LONGEST_WAIT_MS = 900;

/** Adds the door to a guarded scope. */
export function addPassmachineEndpoint(guarded: FastifyInstance, options: PassmachineEndpointOptions): void {
  const { accountId, receive, answerTo } = options;

  addEndpoint(guarded, '/accounts', async (request, reply) => {
    const arrivedAt = performance.now();
    const place = placeOf(request, accountId);
    if (!place.ok) return refuse(reply, 'INVALID_REQUEST', place.why);
    const bytes = bytesOf(request);
    const body = readJson(bytes);
    if (!body.ok) return refuse(reply, 'INVALID_REQUEST', body.why);
    const read = parsePassRequest({ ...place, value: body.value, text: bytes.toString() }, options);
    if (!read.ok) return refuse(reply, read.code, read.why);

    const wish = wishedWaitMs(request);
    const waitMs = Math.min(wish ?? options.waitMs, LONGEST_WAIT_MS);
    const received: WebhookRequest = waitMs > 0 ? { ...read.request, awaited: true } : read.request;
    const taken = await takeIn(receive, received, keyOf(request));
    if (!taken.success) return taken;
    const accepted = { success: true, result: { job_id: taken.job_id } };
    if (waitMs <= 0) return accepted;
    const told = await answerTo(taken.job_id, arrivedAt + waitMs - performance.now());
    if (told === undefined) return accepted;
    if (wish !== undefined) reply.header('preference-applied', 'wait');
    if (!told.ok) return refusal(told.code, told.meaning);
    // As the guide's "Save card data" reads it; a change has none.
    return told.answer ?? accepted;
  });
}

type Place =
  | { ok: true; passId: string | undefined; program: string | undefined }
  | { ok: false; why: string };

const ADDRESSES = 'POST /accounts/{account}/passes and PATCH /accounts/{account}/passes/{pass id}';

/** Which card an address means: undefined for a new one, empty where Bloomreach had none to put there. */
function placeOf(request: FastifyRequest, accountId: string | undefined): Place {
  // Fastify has answered what cannot be decoded.
  const [, , account = '', passes, ...rest] = pathOf(request).split('/').map(decodeURIComponent);
  if (passes !== 'passes') return nowhere(`the addresses here are ${ADDRESSES}`);
  if (accountId === undefined) return nowhere('PASSMACHINE_ACCOUNT_ID is not set');
  if (account !== accountId) return nowhere('the account in the address is not PASSMACHINE_ACCOUNT_ID');
  const { program } = request.query as { program?: unknown };
  const named = { program: typeof program === 'string' ? program : undefined };
  const passId = rest.join('/');
  if (request.method === 'POST' && passId === '') return { ok: true, passId: undefined, ...named };
  if (request.method === 'PATCH') return { ok: true, passId, ...named };
  return nowhere(`the addresses here are ${ADDRESSES}`);
}

function nowhere(why: string): Place {
  return { ok: false, why };
}
