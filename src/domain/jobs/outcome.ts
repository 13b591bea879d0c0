/** How a step can end. Closed: every switch over it is exhaustive, so a new ending cannot be forgotten. */

import { failureKinds, type Failure } from '../failures/failure.ts';
import type { PassAction } from './pass-job.ts';
import type { Json } from './program.ts';

/** Why a row was not sent, in words for someone who did not build this. */
export const skipReasons = {
  'has-card': 'had a card already',
  'no-card': 'had no card that could be changed or replaced',
  filtered: 'was not meant by the condition ("where")',
  duplicate: 'came before in the same campaign',
  'card-unknown': 'may have a card: an earlier call ended unknown',
  unchanged: 'had a card that shows the same already',
  'too-late': 'could not be sent before its "use by"',
  'quiet-hours': 'came up in quiet hours',
  'notification-limit': 'had rung as often as allowed in 24 hours',
  aborted: 'was left out by the template ({% abort %})',
  forgotten: 'was forgotten (passbridge forget, or stopped for FAILURES_KEPT_DAYS)',
} as const;

export type SkipReason = keyof typeof skipReasons;

/** Why a job has to come back later through no fault of its own. */
export type WaitReason =
  | { why: 'failure'; failure: Failure }
  /** Its campaign was resumed while it was about to be parked. */
  | { why: 'resumed' }
  /** Another job of the same customer is being worked on. */
  | { why: 'customer-busy' }
  /** Too few replicas of Redis have heard of it. */
  | { why: 'unconfirmed' }
  /** Passmachine said to call later, to this process or another. */
  | { why: 'gate' }
  /** The process stops. */
  | { why: 'stopping' }
  | { why: 'quiet-hours' }
  /** The card has rung as often as allowed. */
  | { why: 'notification-limit' };

/** What became of one run of a job. */
export type Outcome =
  /** `answer`: Passmachine's, after a create. */
  | { kind: 'done'; answer?: Json }
  /** Try again; uses an attempt. */
  | { kind: 'retry'; failure: Failure; delayMs: number }
  /** Come back later; uses no attempt. `everyone`: no other job is worth starting until then either. */
  | { kind: 'wait'; reason: WaitReason; delayMs: number; everyone: boolean }
  /** Ended for good without success. */
  | { kind: 'reject'; failure: Failure }
  /** Sent, and no answer seen: it may or may not have happened. */
  | { kind: 'unknown'; failure: Failure }
  /** `settled`: it ran before and reached a final state, which stands. */
  | { kind: 'skip'; reason: SkipReason | 'settled'; why?: string }
  /** It leaves the queue until its campaign is resumed. */
  | { kind: 'parked' };

/** The final states of a row; what is in none of them is pending, or stopped with its campaign. */
export const finalStates = ['done', 'skipped', 'rejected', 'failed', 'unknown'] as const;

export type FinalState = (typeof finalStates)[number];

/** What a failed call means for its job. Exhausting the attempts is the caller's to decide. */
export function verdictOn(failure: Failure, action: PassAction): 'retry' | 'wait' | 'reject' | 'unknown' {
  const { stage, repeat } = failureKinds[failure.code];
  // A PATCH states values, so saying it twice is harmless; a POST makes a second card.
  if (stage === 'maybe') return action === 'create' ? 'unknown' : 'retry';
  if (repeat === 'never') return 'reject';
  return repeat === 'attempt' ? 'retry' : 'wait';
}
