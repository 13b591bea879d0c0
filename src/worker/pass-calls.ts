/** Makes a job's call to Passmachine, behind the breakers. */

import { failure, type Failure, failureKinds, isOutage } from '../domain/failures/failure.ts';
import { verdictOn } from '../domain/jobs/outcome.ts';
import { PASS_ID_ATTRIBUTE, type PassAction, type PassJob, passIdOf } from '../domain/jobs/pass-job.ts';
import { unsafePassId } from '../domain/jobs/pass-id.ts';
import type { Json } from '../domain/jobs/program.ts';
import type { Admission, Breaker, CallEnd } from './breaker.ts';
import type { CreateAdmission, CreateBreaker, CreateEnd } from './create-breaker.ts';

type Failed = { ok: false; failure: Failure };
/** `ComposeBody` withdrew the call, so nothing was sent. */
type Withdrawn = { ok: false; isWithdrawn: true };

/**
 * Returns the body as JSON text; undefined withdraws the call. Called when nothing else delays the first byte: the
 * breakers have admitted the call and there is a token. `isTrial`: the call is a create that is sent although creates
 * are in doubt.
 */
export type ComposeBody = (isTrial?: boolean) => Promise<string | undefined>;

/** Passmachine as the worker needs it. */
export interface CallApi {
  create(compose: ComposeBody): Promise<{ ok: true; pass: CreatedPass } | Failed | Withdrawn>;
  patch(passId: string, compose: ComposeBody): Promise<{ ok: true } | Failed | Withdrawn>;
}

/** How a call ended. */
export type Called = CallSuccess | Failed | Withdrawn;

/** Passmachine behind the breakers. */
export interface GuardedCallApi extends CallApi {
  /**
   * Returns the failure to act on for a call that failed: `PM_DOWN`, which uses no attempt, if it belongs to an outage
   * and the card was provably not made. Learning that may take two seconds, so the slot must be released meanwhile.
   */
  excuse(action: PassAction, failed: Failed): Promise<Failed>;
  /** Reports that the claim of a create was refused because creates are in doubt for all processes. */
  doubtCreates(): void;
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
  return async (job: PassJob, compose: ComposeBody): Promise<Called> => {
    switch (job.action) {
      case 'create':
        return api.create(compose);
      case 'update':
      case 'notify': {
        const passId = passIdOf(job.customer);
        if (passId === undefined) {
          const detail = `the customer has no ${PASS_ID_ATTRIBUTE}`;
          return { ok: false, failure: failure('ROW_FIELD_MISSING', detail) };
        }
        const problem = unsafePassId(passId);
        if (problem === undefined) return api.patch(passId, compose);
        return { ok: false, failure: failure('ROW_PASS_ID_INVALID', `${PASS_ID_ATTRIBUTE} ${problem}`) };
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

  const patch: CallApi['patch'] = async (passId, compose) => {
    const admission = breaker.admit();
    if (!admission.admitted) return down('the breaker is open', admission.pauseMs);
    const called = await report(admission, () => api.patch(passId, compose));
    if (isServed(called)) creates.served();
    return called;
  };

  /** Makes an admitted create, after a call that makes nothing if one is due, and reports how it ended to both. */
  const runCreate = async (trial: AdmittedCreate, compose: ComposeBody): ReturnType<CallApi['create']> => {
    let ended: CreateEnd = 'nothing';
    try {
      const admission = breaker.admit();
      if (!admission.admitted) return down('the breaker is open', admission.pauseMs);
      return await report(admission, async () => {
        const probe = admission.isProbe || trial.needsProbe ? api.probe : undefined;
        const probed = await probe?.();
        if (probed?.ok === false) return probed;
        const called = await api.create(async () => {
          const body = await compose(trial.isTrial);
          // In case the call throws.
          if (body !== undefined) ended = 'maybe';
          return body;
        });
        if (called.ok) ended = 'made';
        else if (!('failure' in called) || verdictOn(called.failure, 'create') !== 'unknown')
          ended = 'nothing';
        return called;
      });
    } finally {
      trial.end(ended);
    }
  };

  const create: CallApi['create'] = async (compose) => {
    const trial = await creates.admit();
    if (!trial.admitted) return { ok: false, failure: createsPaused(trial.pauseMs) };
    const called = await runCreate(trial, compose);
    if (isServed(called)) creates.served();
    return called;
  };

  return { create, patch, excuse, doubtCreates: creates.doubt };
}

/** Makes a call and reports how it ended to the breaker, also if it throws. */
async function report<T extends { ok: true } | Failed | Withdrawn>(
  admission: AdmittedCall,
  call: () => Promise<T>,
): Promise<T> {
  let result: CallEnd = 'undecided';
  try {
    const called = await call();
    if (called.ok) result = 'served';
    else if ('failure' in called) result = isOutage(called.failure) ? 'outage' : 'served';
    return called;
  } finally {
    admission.end(result);
  }
}

/** Whether Passmachine worked on the call: it accepted it, or refused its content. */
function isServed(called: { ok: true } | Failed | Withdrawn): boolean {
  return called.ok || ('failure' in called && failureKinds[called.failure.code].upstream === 'healthy');
}

function down(detail: string, retryAfterMs: number): Failed {
  return { ok: false, failure: failure('PM_DOWN', detail, { retryAfterMs }) };
}

/** Returns the failure of a create that was not sent because creates are in doubt. */
export function createsPaused(retryAfterMs: number): Failure {
  const detail = 'a create may have made its card, so no other is sent yet';
  return failure('PM_CREATES_PAUSED', detail, { retryAfterMs });
}
