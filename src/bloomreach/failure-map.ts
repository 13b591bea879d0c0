/** What Bloomreach's answers to a whole batch mean. The one place that reads its status codes. */

import { failure, type Failure, type FailureCode } from '../domain/failures/failure.ts';
import type { HttpResult } from '../kit/http/http.ts';
import { credentialWords } from './refusal-words.ts';
import { readError } from './wire.ts';

/** Why a batch was not answered; undefined for a 2xx, whatever its commands came to. */
export function batchFailure(result: HttpResult): Failure | undefined {
  // Setting attributes twice is harmless, so it does not matter whether the call had left.
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
  if (status === 401 || status === 403 || credentialWords.test(detail)) return 'BR_UNAUTHORIZED';
  // A wrong base URL or a proxy, not the commands: taking the batch apart would not help.
  return status === 404 ? 'BR_UNREACHABLE' : 'BR_BATCH_REFUSED';
}
