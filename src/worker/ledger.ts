/** The durable facts about jobs, as far as a worker needs them; through moments in which Redis says no. */

import type { Failure } from '../domain/failures/failure.ts';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Claim, Settlement } from '../domain/jobs/settlement.ts';
import { insist } from '../kit/retry.ts';

export interface Ledger {
  /** `nonce`: of a claim that is asked for again before anything was sent by it. */
  claim(job: QueuedJob, nonce?: string): Promise<Claim>;
  park(job: QueuedJob): Promise<'parked' | 'settled' | 'out' | 'running'>;
  isOut(job: QueuedJob): Promise<boolean>;
  release(job: QueuedJob, why?: Failure): Promise<void>;
  settle(job: QueuedJob, settlement: Settlement): Promise<boolean>;
}

/** Eight seconds: after longer, another worker may take the job over. */
const LEDGER_TRIES = { times: 16, pauseMs: 500 };

/** Through the same moments: anything else that is asked of Redis while a customer is held. */
export function insistently<T>(ask: () => Promise<T>): Promise<T> {
  return insist(ask, LEDGER_TRIES);
}

/** A Redis that is full or read-only for a moment pauses the job; above all it must not make a sent call unknown. */
export function insistent(ledger: Ledger): Ledger {
  return {
    claim: (job, nonce) => insist(() => ledger.claim(job, nonce), LEDGER_TRIES),
    park: (job) => insist(() => ledger.park(job), LEDGER_TRIES),
    isOut: (job) => insist(() => ledger.isOut(job), LEDGER_TRIES),
    release: (job, why) => insist(() => ledger.release(job, why), LEDGER_TRIES),
    settle: (job, settlement) => insist(() => ledger.settle(job, settlement), LEDGER_TRIES),
  };
}
