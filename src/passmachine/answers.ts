/**
 * Reads Passmachine's answers: the card in a successful one, the failure in any other. The only place that
 * interprets its status codes.
 */

import { z } from 'zod';
import { failure, type Failure, type FailureCode } from '../domain/failures/failure.ts';
import type { Json } from '../domain/jobs/program.ts';
import { parseExactJson } from '../kit/json/exact-json.ts';
import type { HttpNoResponse, HttpRequest, HttpResponse, HttpResult } from '../kit/http/client.ts';
import { isObject } from '../kit/is-object.ts';
import { parseShape } from '../kit/json/parse-shape.ts';

/** A new card: its id, its page if the answer had one, and the answer in the guide's `data` envelope. */
export interface CreatedPass {
  passId: string;
  link?: string;
  answer: Json;
}

const card = z.object({
  /** A text also if the answer has a number, so that the id is the same text wherever it is written and read. */
  id: z.union([z.string().min(1), z.int()]).transform(String),
  ro: z
    .object({ microsite: z.object({ url: z.string() }) })
    .optional()
    .catch(undefined),
});

/**
 * Returns the card in the answer to a create, bare or under `data` (there is no public API reference, so both are
 * accepted); undefined if it has no id.
 */
export function readCard(text: string): CreatedPass | undefined {
  const answer = parse(text);
  const isWrapped = isObject(answer) && isObject(answer['data']);
  const bare = isWrapped ? answer['data'] : answer;
  const read = parseShape(card, bare);
  if (!read.success || !isObject(bare)) return undefined;
  const { id } = read.data;
  const link = read.data.ro?.microsite.url;
  return {
    passId: id,
    answer: { ...(isWrapped && answer), data: { ...bare, id } },
    ...(link !== undefined && { link }),
  };
}

/** Returns why a call failed; undefined for a 2xx. The method tells which call it was. */
export function passmachineFailure(
  result: HttpResult,
  { method }: Pick<HttpRequest, 'method'>,
): Failure | undefined {
  if (method === 'GET') return authenticateFailure(result);
  if (!result.answered) return noResponseFailure(result);
  return responseFailure(result, method === 'PATCH' ? 'PM_PASS_GONE' : 'PM_TEMPLATE_UNKNOWN');
}

/** The answer to `authenticate` may contain a token, so its text is not quoted. */
function authenticateFailure(result: HttpResult): Failure | undefined {
  if (!result.answered) {
    return result.reason === 'stopping' ? stopping(result) : failure('PM_TOKEN_UNAVAILABLE', result.detail);
  }
  const { status } = result;
  if (isSuccess(status)) return undefined;
  return status === 401 || status === 403
    ? failure('PM_TOKEN_REJECTED', `authenticate answered ${status}`, answerFields(result))
    : failure(
        'PM_TOKEN_UNAVAILABLE',
        `authenticate answered ${status} without a token`,
        answerFields(result),
      );
}

function noResponseFailure(result: HttpNoResponse): Failure {
  const { sent, reason, detail } = result;
  if (reason === 'stopping') return stopping(result);
  if (!sent) return failure('PM_UNREACHABLE', detail);
  if (reason === 'response-too-large') return failure('PM_UNKNOWN_ANSWER', detail);
  return failure(reason === 'timeout' ? 'PM_UNKNOWN_TIMEOUT' : 'PM_UNKNOWN_RESET', detail);
}

function stopping({ detail }: HttpNoResponse): Failure {
  return failure('PROCESS_STOPPING', detail, { retryAfterMs: 0 });
}

function responseFailure(answer: HttpResponse, notFound: FailureCode): Failure | undefined {
  const { status, text } = answer;
  if (isSuccess(status)) {
    if (!isHtml(text)) return undefined;
    // A gateway answered in place of Passmachine, which may have done the work.
    return failure('PM_UNKNOWN_ERROR', `answered ${status} with an HTML page`, answerFields(answer));
  }
  const detail = text.trim() || `answered ${status} without a body`;
  return failure(codeOf(answer, notFound), detail, answerFields(answer));
}

/** Cloudflare could not connect to the server, or agree on TLS. Its 520, 524, 527 and 530 prove nothing. */
const neverReached = new Set([521, 522, 523, 525, 526]);

/** Only a code whose stage is `after` proves that nothing was made, so that a create may be repeated. */
function codeOf({ status, retryAfterMs }: HttpResponse, notFound: FailureCode): FailureCode {
  if (status === 401) return 'PM_UNAUTHORIZED';
  if (status === 403) return 'PM_FORBIDDEN';
  if (status === 404 || status === 410) return notFound;
  if (status === 429) return 'PM_RATE_LIMITED';
  // A gateway gave up waiting; the server behind it may have done the work.
  if (status === 408 || status === 504 || status === 524) return 'PM_UNKNOWN_TIMEOUT';
  // The server turned the call away before it worked on it; a bare 503 may be a gateway's that lost the server.
  if (status === 503 && retryAfterMs !== undefined) return 'PM_UNAVAILABLE';
  if (neverReached.has(status)) return 'PM_UNAVAILABLE';
  if (status >= 400 && status < 500) return 'PM_REFUSED';
  // A redirect proves nothing either: 302 and 303 are how some servers answer a POST that they have carried out.
  return 'PM_UNKNOWN_ERROR';
}

function answerFields({ status, retryAfterMs }: HttpResponse): Pick<Failure, 'status' | 'retryAfterMs'> {
  return { status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function isHtml(text: string): boolean {
  return text.trimStart().startsWith('<');
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function parse(text: string): Json | undefined {
  try {
    return parseExactJson(text) as Json;
  } catch {
    return undefined;
  }
}
