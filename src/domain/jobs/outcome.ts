/**
 * How one run of a job can end. The union is closed and every switch over it is exhaustive, so the compiler
 * finds every place that must handle a new ending.
 */

import { failureKinds, type Failure, type FailureCode } from '../failures/failure.ts';
import type { PassAction } from './pass-job.ts';
import type { Json } from './program.ts';

/** Why a row was not sent. Each text completes "The customer …" and "3 customers …". */
export const skipReasons = {
  'has-card': 'already had a card',
  'no-card': 'had no card to update or replace',
  filtered: 'did not match the condition ("where")',
  duplicate: 'appeared earlier in the same campaign',
  'card-unknown': 'may already have a card: an earlier create ended unknown',
  unchanged: 'had a card that would not change',
  'too-late': 'could not be reached before the use-by time',
  'quiet-hours': 'was in quiet hours',
  'notification-limit': 'had reached the notification limit',
  'held-out': 'was in the holdout',
  aborted: 'was excluded by the template ({% abort %})',
  superseded: 'had already been sent a newer change of the same card',
  forgotten: 'was forgotten (passbridge forget, or stopped for FAILURES_KEPT_DAYS)',
} as const;

export type SkipReason = keyof typeof skipReasons;

/** The cause of a closed gate that Passmachine asked for. Any other cause is what our own calls have found. */
export const RATE_LIMITED: FailureCode = 'PM_RATE_LIMITED';

/** Why a job is requeued without using an attempt. */
export type WaitReason =
  | { why: 'failure'; failure: Failure }
  /** Its campaign was resumed just before it would have been parked. */
  | { why: 'resumed' }
  /** Another job of the same customer is in progress. */
  | { why: 'customer-busy' }
  /** Too few Redis replicas acknowledged the claim. */
  | { why: 'unconfirmed' }
  /** The process was stopped for so long, just before the call, that its permit expired. */
  | { why: 'permit-expired' }
  /** The 429 gate is closed: Passmachine asked this or another process to slow down. */
  | { why: 'gate' }
  /** The process is shutting down. */
  | { why: 'stopping' }
  | { why: 'quiet-hours' }
  /** The card has reached its notification limit. */
  | { why: 'notification-limit' };

export type Outcome =
  /**
   * `answer`: Passmachine's, after a create. `replaced`: the state that another worker had settled meanwhile, without
   * proof.
   */
  | { kind: 'done'; answer?: Json; replaced?: FinalState }
  /** Done, but the customer has two cards now. `answer`: Passmachine's, if this card is the newer one. */
  | { kind: 'second-card'; failure: Failure; answer?: Json }
  /** Requeue the job; this run used an attempt. */
  | { kind: 'retry'; failure: Failure; delayMs: number }
  /** Requeue the job without using an attempt. `pausesQueue`: no other job should start before then either. */
  | { kind: 'wait'; reason: WaitReason; delayMs: number; pausesQueue: boolean }
  /** Failed permanently. */
  | { kind: 'reject'; failure: Failure }
  /** Sent, but the result is not known: the card may or may not have been made. */
  | { kind: 'unknown'; failure: Failure }
  /** `settled`: an earlier run reached a final state, which stands. `why`: the template's own reason. */
  | { kind: 'skip'; reason: SkipReason | 'settled'; why?: string }
  /** Removed from the queue until its campaign is resumed. */
  | { kind: 'parked' };

/** The final states of a row. A row in none of them is pending, or stopped with its campaign. */
export const finalStates = ['done', 'skipped', 'rejected', 'failed', 'unknown'] as const;

export type FinalState = (typeof finalStates)[number];

/** Decides what a failed call means for its job. The caller decides whether attempts are left. */
export function verdictOn(failure: Failure, action: PassAction): 'retry' | 'wait' | 'reject' | 'unknown' {
  const { stage, repeat } = failureKinds[failure.code];
  // A PATCH sets values and can be repeated safely; a second POST makes a second card.
  if (stage === 'maybe') return action === 'create' ? 'unknown' : 'retry';
  if (repeat === 'never') return 'reject';
  return repeat === 'attempt' ? 'retry' : 'wait';
}

/** The answer to the sender of a job, if the sender waits for one. */
export type JobAnswer =
  /** `answer`: Passmachine's own; absent for a PATCH. */
  | { ok: true; answer?: Json }
  /** `code`: of the failure, or the reason for a skip. */
  | { ok: false; code: string; meaning: string };

/** Returns the answer for the sender; undefined while the job has not ended. */
export function jobAnswer(outcome: Outcome): JobAnswer | undefined {
  switch (outcome.kind) {
    case 'done':
      return { ok: true, ...(outcome.answer !== undefined && { answer: outcome.answer }) };
    case 'second-card':
      // The sender has, or will get, the answer of the newer card.
      return outcome.answer === undefined ? undefined : { ok: true, answer: outcome.answer };
    case 'reject':
    case 'unknown': {
      const { code } = outcome.failure;
      return { ok: false, code, meaning: failureKinds[code].meaning };
    }
    case 'skip':
      if (outcome.reason === 'settled') return undefined;
      return { ok: false, code: outcome.reason, meaning: `The customer ${skipReasons[outcome.reason]}.` };
    case 'retry':
    case 'wait':
    case 'parked':
      return undefined;
  }
}
