/** Counts and times the calls of this process, by what was called and what came of it. */

import { batchFailure } from '../../../bloomreach/failure-map.ts';
import { type Failure, failure } from '../../../domain/failures/failure.ts';
import type { Upstream } from '../../../domain/monitoring/heartbeat.ts';
import type { HttpClient, HttpRequest, HttpResult } from '../../../kit/http/http.ts';
import { createFailure, patchFailure } from '../../../passmachine/failure-map.ts';
import { isVerdict } from '../call-stats.ts';
import type { OwnMetrics } from './metrics.ts';

type Call = 'authenticate' | 'create' | 'patch' | 'batch' | 'import';

/** The same client, counted. */
export function observedCalls(
  upstream: Upstream,
  http: HttpClient,
  { calls, callSeconds }: Pick<OwnMetrics, 'calls' | 'callSeconds'>,
): HttpClient {
  return {
    close: http.close,
    async send(request) {
      const call = callOf(upstream, request);
      const stopTimer = callSeconds.startTimer({ upstream, call });
      const result = await http.send(request);
      if (result.answered || result.sent) stopTimer();
      const failed = failureOf(call, result);
      calls.inc({ upstream, call, outcome: outcomeOf(result, failed), code: failed?.code ?? '' });
      return result;
    },
  };
}

function callOf(upstream: Upstream, { method, path }: HttpRequest): Call {
  if (upstream === 'bloomreach') return path.endsWith('/batch') ? 'batch' : 'import';
  if (method === 'GET') return 'authenticate';
  return method === 'PATCH' ? 'patch' : 'create';
}

function failureOf(call: Call, result: HttpResult): Failure | undefined {
  switch (call) {
    case 'create':
      return createFailure(result);
    case 'patch':
      return patchFailure(result);
    case 'batch':
    case 'import':
      return batchFailure(result);
    case 'authenticate':
      return authenticateFailure(result);
  }
}

/** In the words of those who asked for the token. */
function authenticateFailure(result: HttpResult): Failure | undefined {
  const failed = createFailure(result);
  if (failed === undefined) return undefined;
  const isRefusal = failed.status === 401 || failed.status === 403;
  return failure(isRefusal ? 'PM_TOKEN_REJECTED' : 'PM_TOKEN_UNAVAILABLE', failed.detail);
}

function outcomeOf(result: HttpResult, failed: Failure | undefined): string {
  if (!result.answered) return result.sent ? 'silent' : 'unsent';
  if (failed === undefined) return 'ok';
  return isVerdict(failed) ? 'refused' : 'failed';
}
