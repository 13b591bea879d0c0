/** What the ledger and a worker say to each other about a job. */

import type { Failure } from '../failures/failure.ts';
import type { SkipReason } from './outcome.ts';
import type { IssuedCard } from './pass-job.ts';
import type { WriteBack } from './write-back.ts';

/** The ledger's answer to a job that wants to be sent. */
export interface Claim {
  answer: ClaimAnswer;
  /** Names this claim, so that it can be asked for again. */
  nonce: string;
  /** Of the program that its campaign goes by; see `CampaignOrder`. */
  programVersion?: string;
  /** Milliseconds, with `gate`. */
  waitMs?: number;
}

/** Only `go` and `sent-before` hold the customer. */
export type ClaimAnswer =
  | 'go'
  /** It reached a final state before: nothing is left to do. */
  | 'settled'
  /** Its campaign does not run. */
  | 'halted'
  /** A fresh card of this program was issued to this customer, by an earlier run. */
  | 'has-card'
  /** The same, by this very campaign: the customer stands in its source twice. */
  | 'duplicate'
  /** Another call for this customer, or for this card, is out. */
  | 'customer-busy'
  /** Too few replicas of Redis have heard of it: were it sent now, a failover could have it sent twice. */
  | 'unconfirmed'
  /** Nobody may be called for so long. */
  | 'gate'
  /** Another create for this customer ended unknown. */
  | 'card-unknown'
  /** This very create was marked as sent and never settled: a worker died with it. */
  | 'sent-before';

/** A failure with the number of the attempt that it ended and its time (ms). */
export interface FailedAttempt {
  failure: Failure;
  attempts: number;
  at: number;
}

/** A final state and the facts that belong to it. */
export type Settlement =
  /** `notified`: it made the phone ring. */
  | { state: 'done'; card?: IssuedCard; notified?: boolean; writeBack?: WriteBack }
  /** Passmachine did it, and what should be written back could not be rendered. */
  | { state: 'done'; card: IssuedCard; notified?: boolean; unsaved: FailedAttempt }
  | ({ state: 'rejected' | 'failed' | 'unknown' } & FailedAttempt)
  /** `why`: more about the reason, for the customer's line of time. */
  | { state: 'skipped'; reason: SkipReason; why?: string };
