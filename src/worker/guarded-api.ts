/** Passmachine behind a breaker: every call asks first and reports what it met. */

import { failure, type Failure, type FailureCode } from '../domain/failures/failure.ts';
import { verdictOn } from '../domain/jobs/outcome.ts';
import type { PassAction } from '../domain/jobs/pass-job.ts';
import type { Breaker } from './breaker.ts';
import type { CallApi } from './call.ts';

/** Failures that say nothing about the one job that met them. */
const outages: ReadonlySet<FailureCode> = new Set([
  'PM_UNREACHABLE',
  'PM_UNAVAILABLE',
  'PM_TOKEN_UNAVAILABLE',
  'PM_UNKNOWN_TIMEOUT',
  'PM_UNKNOWN_RESET',
]);

/** The same API; while the breaker is open it answers `PM_DOWN` itself, which uses no attempt. */
export function guardedApi(api: CallApi, breaker: Breaker): CallApi {
  const guard = async <T extends { ok: true }>(
    action: PassAction,
    call: () => Promise<T | { ok: false; failure: Failure }>,
  ): Promise<T | { ok: false; failure: Failure }> => {
    const away = breaker.admit();
    if (away > 0) return { ok: false, failure: down('calls are kept back', away) };
    const result = await call();
    if (result.ok || !outages.has(result.failure.code)) {
      breaker.answered();
      return result;
    }
    breaker.failed();
    // Part of an outage: the job goes back without an attempt, unless it may have been made.
    const repeats = verdictOn(result.failure, action) === 'retry';
    return repeats && (await breaker.isOutage())
      ? { ok: false, failure: down(result.failure.detail, breaker.pauseMs()) }
      : result;
  };

  return {
    create: (body) => guard('create', () => api.create(body)),
    patch: (passId, body) => guard('update', () => api.patch(passId, body)),
  };
}

function down(detail: string, retryAfterMs: number): Failure {
  return failure('PM_DOWN', detail, { retryAfterMs });
}
