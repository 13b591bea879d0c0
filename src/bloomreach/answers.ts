/**
 * Reads Bloomreach's answers. Errors come as strings, arrays or objects under three names, and some failures are
 * recognizable only by their wording. The only place that interprets its status codes.
 */

import { z } from 'zod';
import { failure, type Failure, type FailureCode } from '../domain/failures/failure.ts';
import type { HttpResponse, HttpResult } from '../kit/http/client.ts';
import { parseExactJson } from '../kit/json/exact-json.ts';
import { parseShape } from '../kit/json/parse-shape.ts';

/** A wrong project token or API key is answered with 400, not 401; only the text tells it from a bad body. */
export const credentialError = /authenticate|invalid project|access key/i;

/** The API key is valid, but its group lacks the permission. */
export const permissionError = /not authorized|permission|forbidden/i;

/**
 * Returns why a call failed as a whole; undefined for a 2xx, which may still contain refused commands. Setting
 * attributes twice is harmless, so it does not matter whether an unanswered call had left.
 */
export function bloomreachFailure(result: HttpResult): Failure | undefined {
  if (!result.answered) return failure('BR_UNREACHABLE', result.detail);
  const { status, text, retryAfterMs } = result;
  if (isSuccess(status) && !isWebPage(text)) return undefined;
  const detail = isStrange(result)
    ? describeStrange(result)
    : readError(text) || `answered ${status} without a body`;
  return failure(codeOf(result, detail), detail, {
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** Returns the failure of a call whose 2xx answer lacks what was asked for: a refusal, or an answer of another server. */
export function answerWithoutResults(result: HttpResult): Failure {
  if (!result.answered) return failure('BR_UNREACHABLE', result.detail);
  const { status, text } = result;
  const refusal = errorIn(text);
  return refusal === undefined
    ? failure('BR_ANSWER_UNREADABLE', describeStrange(result), { status })
    : failure('BR_BATCH_REFUSED', refusal, { status });
}

function codeOf(result: HttpResponse, detail: string): FailureCode {
  const { status, text } = result;
  if (status === 429) return 'BR_RATE_LIMITED';
  if (status >= 500 || status === 408) return 'BR_UNAVAILABLE';
  // A wrong base URL, not the commands, so bisecting the batch would not help.
  if (status === 404) return 'BR_UNREACHABLE';
  // By its length: halves of it may pass, whichever server refused it.
  if (status === 413) return 'BR_BATCH_REFUSED';
  const isRejectedKey = status === 401 || status === 403;
  if (isRejectedKey && text.trim() === '') return 'BR_UNAUTHORIZED';
  if (isStrange(result)) return 'BR_ANSWER_UNREADABLE';
  return isRejectedKey || credentialError.test(detail) ? 'BR_UNAUTHORIZED' : 'BR_BATCH_REFUSED';
}

const isSuccess = (status: number) => status >= 200 && status < 300;

/**
 * Whether the answer is not one of Bloomreach's, and so says nothing about the commands: a redirect to a login page, the
 * page of a firewall or proxy, no body. Bloomreach explains each refusal in a JSON object.
 */
function isStrange({ status, text }: HttpResponse): boolean {
  return isSuccess(status) ? isWebPage(text) : errorIn(text) === undefined;
}

const isWebPage = (text: string) => text.trimStart().startsWith('<');

const MAX_EXCERPT_LENGTH = 120;

function describeStrange({ status, text }: HttpResponse): string {
  const title = /<title[^<>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim() ?? '';
  const excerpt = (title || text.trim()).slice(0, MAX_EXCERPT_LENGTH);
  const kind = isWebPage(text) ? 'a web page' : 'a body that is no answer of Bloomreach';
  return excerpt === '' ? `answered ${status} without a body` : `answered ${status} with ${kind}: ${excerpt}`;
}

const errorText = z
  .union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())])
  .transform((value) => (typeof value === 'string' ? value : JSON.stringify(value)));

const anyError = z.object({
  errors: errorText.optional(),
  error: errorText.optional(),
  message: errorText.optional(),
});

const batchAnswer = z.object({
  results: z.array(
    z.object({
      success: z.boolean(),
      command_id: z.string().optional(),
      errors: errorText.optional().catch(undefined),
    }),
  ),
});

export interface CommandResult {
  success: boolean;
  errors?: string | undefined;
}

/** Returns the results of a batch by `command_id`; undefined if the answer has none. */
export function readBatchAnswer(text: string): Map<string, CommandResult> | undefined {
  const read = parseShape(batchAnswer, parse(text));
  const results = read.success ? read.data.results : [];
  const byId = results.flatMap((result) =>
    result.command_id === undefined ? [] : [[result.command_id, result] as const],
  );
  return byId.length === 0 ? undefined : new Map(byId);
}

const exportAnswer = z.object({ success: z.unknown(), data: z.array(z.unknown()).optional() });

/** Returns the answer to an export; undefined if it is not a JSON object, as a CSV is not. */
export function readExportAnswer(text: string): z.infer<typeof exportAnswer> | undefined {
  const read = parseShape(exportAnswer, parse(text));
  return read.success ? read.data : undefined;
}

/** Returns the error message of a failed call, or the raw text if no field has one. */
export function readError(text: string): string {
  return errorIn(text) ?? text.trim();
}

function errorIn(text: string): string | undefined {
  const read = parseShape(anyError, parse(text));
  return read.success ? (read.data.errors ?? read.data.error ?? read.data.message) : undefined;
}

function parse(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}
