/** Which call an action makes at Passmachine. */

import { failure, type Failure } from '../domain/failures/failure.ts';
import { PASS_ID_ATTRIBUTE, type PassJob, passIdOf } from '../domain/jobs/pass-job.ts';
import type { Json } from '../domain/jobs/program.ts';

/** Passmachine, as far as a worker needs it. Bodies are JSON text. */
export interface CallApi {
  create(
    body: string,
  ): Promise<
    { ok: true; pass: { passId: string; link?: string; answer: Json } } | { ok: false; failure: Failure }
  >;
  patch(passId: string, body: string): Promise<{ ok: true } | { ok: false; failure: Failure }>;
}

/** A successful call; `pass` only after a create. */
export interface Called {
  ok: true;
  pass?: { passId: string; link?: string; answer: Json };
}

/** Makes the function that sends a job's body. */
export function makeCall(api: CallApi) {
  return async (job: PassJob, body: string): Promise<Called | { ok: false; failure: Failure }> => {
    switch (job.action) {
      case 'create':
        return api.create(body);
      case 'update':
      case 'notify': {
        const passId = passIdOf(job.customer);
        if (passId !== undefined) return api.patch(passId, body);
        return {
          ok: false,
          failure: failure('ROW_FIELD_MISSING', `the customer has no ${PASS_ID_ATTRIBUTE}`),
        };
      }
    }
  };
}
