/** The messages between the worker and the ledger about one job: the claim before the call, the settlement after it. */

import type { Failure } from '../failures/failure.ts';
import type { FinalState, SkipReason } from './outcome.ts';
import type { IssuedCard } from './pass-job.ts';
import type { UndatedWriteBack } from './write-back.ts';

/** How far the job of an in-flight claim got. Only `sent` makes a create unknown if its worker dies. */
export type ClaimStage =
  /** A worker prepares a delivery on which an earlier worker may have died. */
  | 'prepared'
  /** The call leaves as soon as the claim is granted, so it may have been sent. */
  | 'sent';

export interface ClaimOptions {
  /** Default: `sent`. */
  stage?: ClaimStage;
  /** Grants the claim of a create that may have been sent before. */
  repeatsUnknown?: boolean;
  /** Grants the claim of a create although creates are in doubt: it is the trial that decides. */
  isTrial?: boolean;
}

/** The ledger's answer to a job that is about to be sent. */
export interface Claim {
  answer: ClaimAnswer;
  /** Version of the program that the campaign uses now; see `CampaignOrder`. */
  programVersion?: string;
  /** Milliseconds to wait; only with `gate`, `creates-paused` and `change-waits`. */
  waitMs?: number;
}

/** Only `go` and `sent-before` leave an in-flight claim on the customer. */
export type ClaimAnswer =
  | 'go'
  /** The job reached a final state in an earlier run. */
  | 'settled'
  /** The campaign is paused, stopped or held. */
  | 'halted'
  /** An earlier campaign issued a fresh card of this program to this customer. */
  | 'has-card'
  /** This campaign already issued a card to this customer: the source lists the customer twice. */
  | 'duplicate'
  /** Another call for this customer or card is in flight. */
  | 'customer-busy'
  /** A newer change of the same fields of the card is done. */
  | 'superseded'
  /** Another waiting change of the same fields of the card goes first; the job waits for `waitMs`. */
  | 'change-waits'
  /** Too few Redis replicas acknowledged the claim; sending now could make two cards after a failover. */
  | 'unconfirmed'
  /** The 429 gate is closed for `waitMs`. */
  | 'gate'
  /** A create may have made its card without proof, so only a trial may be sent for `waitMs`. */
  | 'creates-paused'
  /** Another create for this customer ended unknown. */
  | 'card-unknown'
  /** A worker marked this create as sent and died before settling it. */
  | 'sent-before';

/** A failure, the number of the attempt that it ended, and its time in ms since 1970. */
export interface FailedAttempt {
  failure: Failure;
  attempts: number;
  at: number;
}

/** A final state and the facts that belong to it. */
export type Settlement =
  /** `notified`: the call triggered a notification. */
  | { state: 'done'; card?: IssuedCard; notified?: boolean; writeBack?: UndatedWriteBack }
  /** Passmachine made the card, but the attributes to write back could not be rendered. */
  | { state: 'done'; card: IssuedCard; notified?: boolean; writeBackFailure: FailedAttempt }
  | ({ state: 'rejected' | 'failed' | 'unknown' } & FailedAttempt)
  /** `why`: further detail for the customer's timeline. */
  | { state: 'skipped'; reason: SkipReason; why?: string };

/** What the ledger made of a settlement. The worker logs, counts and answers this, not what it had asked for. */
export type SettleResult =
  /** It is the row's final state. `replaced`: the state that the proof of a card replaced. */
  | { kind: 'recorded'; replaced?: FinalState }
  /** It was the row's final state already: the reply to an earlier attempt was lost. */
  | { kind: 'repeated' }
  /** The row has another final state, which stands. */
  | { kind: 'stands'; state: FinalState }
  /** The row is done, and its customer has a second card, which the failure names. `isNewest`: it is the one written back. */
  | { kind: 'second-card'; failure: Failure; isNewest: boolean };
