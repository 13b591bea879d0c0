/** Makes a job's call to Passmachine, behind the breaker. */

import { failure, type Failure, isOutage } from '../domain/failures/failure.ts';
import { verdictOn } from '../domain/jobs/outcome.ts';
import { PASS_ID_ATTRIBUTE, type PassAction, type PassJob, passIdOf } from '../domain/jobs/pass-job.ts';
import type { Json } from '../domain/jobs/program.ts';
import type { Breaker } from './breaker.ts';

type Failed = { ok: false; failure: Failure };

/** Passmachine as the worker needs it. Bodies are JSON text. */
export interface CallApi {
  create(body: string): Promise<{ ok: true; pass: CreatedPass } | Failed>;
  patch(passId: string, body: string): Promise<{ ok: true } | Failed>;
}

interface CreatedPass {
  passId: string;
  link?: string;
  answer: Json;
}

/** A successful call; `pass` only after a create. */
export interface CallSuccess {
  ok: true;
  pass?: CreatedPass;
}

/** Makes the function that sends a job's body with the call that its action requires. */
export function makeCall(api: CallApi) {
  return async (job: PassJob, body: string): Promise<CallSuccess | Failed> => {
    switch (job.action) {
      case 'create':
        return api.create(body);
      case 'update':
      case 'notify': {
        const passId = passIdOf(job.customer);
        if (passId !== undefined) return api.patch(passId, body);
        const detail = `the customer has no ${PASS_ID_ATTRIBUTE}`;
        return { ok: false, failure: failure('ROW_FIELD_MISSING', detail) };
      }
    }
  };
}

/** Wraps the API in a breaker. While it is open, calls fail with `PM_DOWN`, which uses no attempt. */
export function withBreaker(api: CallApi, breaker: Breaker): CallApi {
  const guard = async <T extends { ok: true }>(
    action: PassAction,
    call: () => Promise<T | Failed>,
  ): Promise<T | Failed> => {
    const pauseMs = breaker.admit();
    if (pauseMs > 0) return down('the breaker is open', pauseMs);
    const result = await call();
    if (result.ok || !isOutage(result.failure)) {
      breaker.succeeded();
      return result;
    }
    breaker.failed();
    // During an outage the job is requeued without using an attempt, unless the card may have been made.
    const isRepeatable = verdictOn(result.failure, action) === 'retry';
    return isRepeatable && (await breaker.isOutage())
      ? down(result.failure.detail, breaker.pauseMs())
      : result;
  };

  return {
    create: (body) => guard('create', () => api.create(body)),
    patch: (passId, body) => guard('update', () => api.patch(passId, body)),
  };
}

function down(detail: string, retryAfterMs: number): Failed {
  return { ok: false, failure: failure('PM_DOWN', detail, { retryAfterMs }) };
}
