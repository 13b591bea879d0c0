/** The ledger as the worker needs it, and how the worker survives short Redis errors. */

import type { Failure } from '../domain/failures/failure.ts';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import type { Claim, ClaimOptions, ClaimStage, Settlement, SettleResult } from '../domain/jobs/settlement.ts';
import { retry } from '../kit/retry.ts';

export interface Ledger {
  /** Claims the customer or card. `stage`: `sent` (the default) marks that the call may leave. */
  claim(job: QueuedJob, options?: ClaimOptions): Promise<Claim>;
  park(job: QueuedJob): Promise<'parked' | 'settled' | 'in-flight' | 'running'>;
  /** Returns how far the in-flight claim of this delivery got; undefined if there is none. */
  claimStage(job: QueuedJob): Promise<ClaimStage | undefined>;
  /** Releases the in-flight claim without a final state. `why`: the failure that ended the attempt; `retryMs`: until the next. */
  release(job: QueuedJob, why?: Failure, retryMs?: number): Promise<void>;
  /** Records a final state, unless the row has one that stands. */
  settle(job: QueuedJob, settlement: Settlement): Promise<SettleResult>;
  /** Returns the version of the program that the campaign uses; undefined for the current one. */
  programVersion(campaign: string): Promise<string | undefined>;
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
    claim: (job, options) => retryRedis(() => ledger.claim(job, options)),
    park: (job) => retryRedis(() => ledger.park(job)),
    claimStage: (job) => retryRedis(() => ledger.claimStage(job)),
    release: (job, why, retryMs) => retryRedis(() => ledger.release(job, why, retryMs)),
    settle: (job, settlement) => retryRedis(() => ledger.settle(job, settlement)),
    programVersion: (campaign) => retryRedis(() => ledger.programVersion(campaign)),
  };
}
