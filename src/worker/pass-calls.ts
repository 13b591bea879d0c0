/** Makes a job's call to Passmachine, behind the breakers. */

import { failure, type Failure, failureKinds, isOutage } from '../domain/failures/failure.ts';
import { verdictOn } from '../domain/jobs/outcome.ts';
import { PASS_ID_ATTRIBUTE, type PassAction, type PassJob, passIdOf } from '../domain/jobs/pass-job.ts';
import type { Json } from '../domain/jobs/program.ts';
import type { Admission, Breaker, CallEnd } from './breaker.ts';
import type { CreateAdmission, CreateBreaker, CreateEnd } from './create-breaker.ts';

type Failed = { ok: false; failure: Failure };

/** Passmachine as the worker needs it. Bodies are JSON text. */
export interface CallApi {
  create(body: string): Promise<{ ok: true; pass: CreatedPass } | Failed>;
  patch(passId: string, body: string): Promise<{ ok: true } | Failed>;
}

/** Passmachine behind the breakers. */
export interface GuardedCallApi extends CallApi {
  /**
   * Returns the failure to act on for a call that failed: `PM_DOWN`, which uses no attempt, if it belongs to an outage
   * and the card was provably not made. Learning that may take two seconds, so the slot must be released meanwhile.
   */
  excuse(action: PassAction, failed: Failed): Promise<Failed>;
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

/** Passmachine itself. `probe`: a call that makes and changes nothing; absent if there is none. */
interface UnguardedApi extends CallApi {
  probe?: () => Promise<{ ok: true } | Failed>;
}

type AdmittedCall = Extract<Admission, { admitted: true }>;
type AdmittedCreate = Extract<CreateAdmission, { admitted: true }>;

interface Breakers {
  breaker: Breaker;
  creates: CreateBreaker;
}

/**
 * Wraps the API in both breakers. While they admit no call, calls fail with `PM_DOWN` or `PM_CREATES_PAUSED`, which
 * use no attempt. A create must not be the probe if a call that makes nothing can come first.
 */
export function withBreakers(api: UnguardedApi, { breaker, creates }: Breakers): GuardedCallApi {
  const excuse: GuardedCallApi['excuse'] = async (action, { ok, failure: why }) =>
    isOutage(why) && verdictOn(why, action) === 'retry' && (await breaker.isOutage())
      ? down(why.detail, breaker.pauseMs())
      : { ok, failure: why };

  const patch: CallApi['patch'] = async (passId, body) => {
    const admission = breaker.admit();
    if (!admission.admitted) return down('the breaker is open', admission.pauseMs);
    const called = await report(admission, () => api.patch(passId, body));
    if (isServed(called)) creates.served();
    return called;
  };

  /** Makes an admitted create, after a call that makes nothing if one is due, and reports how it ended to both. */
  const runCreate = async (trial: AdmittedCreate, body: string): ReturnType<CallApi['create']> => {
    let ended: CreateEnd = 'nothing';
    try {
      const admission = breaker.admit();
      if (!admission.admitted) return down('the breaker is open', admission.pauseMs);
      return await report(admission, async () => {
        const probe = admission.isProbe || trial.needsProbe ? api.probe : undefined;
        const probed = await probe?.();
        if (probed?.ok === false) return probed;
        // In case it throws.
        ended = 'maybe';
        const called = await api.create(body);
        if (called.ok) ended = 'made';
        else if (verdictOn(called.failure, 'create') !== 'unknown') ended = 'nothing';
        return called;
      });
    } finally {
      trial.end(ended);
    }
  };

  const create: CallApi['create'] = async (body) => {
    const trial = await creates.admit();
    if (!trial.admitted) return paused(trial.pauseMs);
    const called = await runCreate(trial, body);
    if (isServed(called)) creates.served();
    return called;
  };

  return { create, patch, excuse };
}

/** Makes a call and reports how it ended to the breaker, also if it throws. */
async function report<T extends { ok: true }>(
  admission: AdmittedCall,
  call: () => Promise<T | Failed>,
): Promise<T | Failed> {
  let result: CallEnd = 'undecided';
  try {
    const called = await call();
    result = called.ok || !isOutage(called.failure) ? 'served' : 'outage';
    return called;
  } finally {
    admission.end(result);
  }
}

/** Whether Passmachine worked on the call: it accepted it, or refused its content. */
function isServed(called: { ok: true } | Failed): boolean {
  return called.ok || failureKinds[called.failure.code].upstream === 'healthy';
}

function down(detail: string, retryAfterMs: number): Failed {
  return { ok: false, failure: failure('PM_DOWN', detail, { retryAfterMs }) };
}

function paused(retryAfterMs: number): Failed {
  const detail = 'a create may have made its card, so no other is sent yet';
  return { ok: false, failure: failure('PM_CREATES_PAUSED', detail, { retryAfterMs }) };
}
