/** The ledger as the worker needs it, and how the worker survives short Redis errors. */

import type { Failure } from '../domain/failures/failure.ts';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Claim, Settlement } from '../domain/jobs/settlement.ts';
import { retry } from '../kit/retry.ts';

export interface Ledger {
  /** `nonce`: of an earlier claim of this delivery, to repeat it before anything was sent. */
  claim(job: QueuedJob, nonce?: string): Promise<Claim>;
  park(job: QueuedJob): Promise<'parked' | 'settled' | 'in-flight' | 'running'>;
  /** Whether this delivery has an in-flight claim. */
  isClaimed(job: QueuedJob): Promise<boolean>;
  /** Releases the in-flight claim without a final state. `why`: the failure that ended the attempt. */
  release(job: QueuedJob, why?: Failure): Promise<void>;
  /** Records a final state. Returns false if the job already had one. */
  settle(job: QueuedJob, settlement: Settlement): Promise<boolean>;
}

/** Eight seconds: after that, the lock may expire and another worker take the job. */
const ATTEMPTS = { times: 16, pauseMs: 500 };

/**
 * Retries a Redis operation on any error, e.g. while Redis is full or read-only. Without this a card that was sent
 * would become unknown.
 */
export function retryRedis<T>(work: () => Promise<T>): Promise<T> {
  return retry(work, ATTEMPTS);
}

/** Wraps every operation of the ledger in {@link retryRedis}. */
export function retryingLedger(ledger: Ledger): Ledger {
  return {
    claim: (job, nonce) => retryRedis(() => ledger.claim(job, nonce)),
    park: (job) => retryRedis(() => ledger.park(job)),
    isClaimed: (job) => retryRedis(() => ledger.isClaimed(job)),
    release: (job, why) => retryRedis(() => ledger.release(job, why)),
    settle: (job, settlement) => retryRedis(() => ledger.settle(job, settlement)),
  };
}
