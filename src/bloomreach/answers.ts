/**
 * Reads Bloomreach's answers. Errors come as strings, arrays or objects under three names, and some failures are
 * recognizable only by their wording. The only place that interprets its status codes.
 */

import { z } from 'zod';
import { failure, type Failure, type FailureCode } from '../domain/failures/failure.ts';
import { parseExactJson } from '../kit/json/exact-json.ts';
import type { HttpResult } from '../kit/http/client.ts';

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
  if (status >= 200 && status < 300) return undefined;
  const detail = readError(text) || `answered ${status} without a body`;
  return failure(codeOf(status, detail), detail, {
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function codeOf(status: number, detail: string): FailureCode {
  if (status === 429) return 'BR_RATE_LIMITED';
  if (status >= 500 || status === 408) return 'BR_UNAVAILABLE';
  if (status === 401 || status === 403 || credentialError.test(detail)) return 'BR_UNAUTHORIZED';
  // A wrong base URL or a proxy, not the commands, so bisecting the batch would not help.
  return status === 404 ? 'BR_UNREACHABLE' : 'BR_BATCH_REFUSED';
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

interface CommandResult {
  success: boolean;
  errors?: string | undefined;
}

/** Returns the results of a batch by `command_id`; empty if the answer cannot be parsed. */
export function readBatchAnswer(text: string): Map<string, CommandResult> {
  const read = batchAnswer.safeParse(parse(text));
  const results = read.success ? read.data.results : [];
  return new Map(
    results.flatMap((result) => (result.command_id === undefined ? [] : [[result.command_id, result]])),
  );
}

const exportAnswer = z.object({ success: z.unknown(), data: z.array(z.unknown()).optional() });

/** Returns the answer to an export; undefined if it is not a JSON object, as a CSV is not. */
export function readExportAnswer(text: string): z.infer<typeof exportAnswer> | undefined {
  const read = exportAnswer.safeParse(parse(text));
  return read.success ? read.data : undefined;
}

/** Returns the error message of a failed call, or the raw text if no field has one. */
export function readError(text: string): string {
  const read = anyError.safeParse(parse(text));
  const error = read.success ? (read.data.errors ?? read.data.error ?? read.data.message) : undefined;
  return error ?? text.trim();
}

function parse(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}
