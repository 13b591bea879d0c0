/** What Passmachine's answers, and its silence, mean for a job. The one place that reads its status codes. */

import { failure, type Failure, type FailureCode } from '../domain/failures/failure.ts';
import type { HttpAnswer, HttpResult, HttpSilence } from '../kit/http/http.ts';

/** Why a create did not succeed; undefined for a 2xx. */
export function createFailure(result: HttpResult): Failure | undefined {
  return result.answered ? refusal(result, 'PM_TEMPLATE_UNKNOWN') : silence(result);
}

/** Why a PATCH did not succeed; undefined for a 2xx. */
export function patchFailure(result: HttpResult): Failure | undefined {
  return result.answered ? refusal(result, 'PM_PASS_GONE') : silence(result);
}

function silence({ sent, why, detail }: HttpSilence): Failure {
  if (!sent) return failure('PM_UNREACHABLE', detail);
  if (why === 'answer-too-large') return failure('PM_UNKNOWN_ANSWER', detail);
  return failure(why === 'timeout' ? 'PM_UNKNOWN_TIMEOUT' : 'PM_UNKNOWN_RESET', detail);
}

function refusal(answer: HttpAnswer, notFound: FailureCode): Failure | undefined {
  const { status, text, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return undefined;
  return failure(codeOf(status, notFound), text.trim() || `answered ${status} without a body`, {
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function codeOf(status: number, notFound: FailureCode): FailureCode {
  if (status === 401) return 'PM_UNAUTHORIZED';
  if (status === 403) return 'PM_FORBIDDEN';
  if (status === 404 || status === 410) return notFound;
  if (status === 429) return 'PM_RATE_LIMITED';
  // A gateway that tired of waiting: what stands behind it may have done the work.
  if (status === 504 || status === 408) return 'PM_UNKNOWN_TIMEOUT';
  return status >= 500 ? 'PM_UNAVAILABLE' : 'PM_REFUSED';
}
