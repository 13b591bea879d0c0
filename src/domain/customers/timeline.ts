/** What happened to one customer lately: the line of time that an operator looks up. */

import { finalStates } from '../jobs/outcome.ts';
import { customerKey, emailOf, type PassAction, type PassJob, passIdOf } from '../jobs/pass-job.ts';

/** What can have happened to a customer; the first five are how a job ended. */
export const personFacts = [
  ...finalStates,
  /** A call failed, and another will follow. */
  'tried',
  /** Bloomreach took what was written back. */
  'saved',
  /** Bloomreach refused it for good. */
  'unsaved',
  /** Passmachine told of something. */
  'event',
  /** Somebody did something about a failure. */
  'act',
] as const;

export type PersonFact = (typeof personFacts)[number];

export interface PersonEvent {
  /** Unix seconds; of the last time where it happened several times. */
  at: number;
  what: PersonFact;
  /** What the job asked of Passmachine; absent where it is about none. */
  action?: PassAction;
  /** The job's id; it begins with the campaign's. */
  job: string;
  /**
   * The card's id, the failure's code, why it was skipped, what Passmachine told of, or the id of the
   * receipt of what somebody did. Empty where there is nothing to add.
   */
  note: string;
  /** How often in a row; absent for once. */
  times?: number;
  /** Who did it, and why; only with `act`, while its receipt is kept. */
  by?: string;
  reason?: string;
}

export interface Person {
  /** The customer as `type:value` of the id that names them. */
  customer: string;
  /** Oldest first. */
  events: PersonEvent[];
}

/** Something to put down about a customer, now. */
export interface PersonNews {
  /** As `type:value` of the id that names them. */
  customer: string;
  what: PersonFact;
  action?: PassAction | undefined;
  campaign: string;
  /** Undefined where the ledger is about to give it one. */
  row?: number | undefined;
  /** Whether it was put down before whose row it is. */
  isRowKnown?: boolean;
  note: string;
  /** What the customer can be found by besides. */
  email?: string | undefined;
  passId?: string | undefined;
}

/** The same about a job's customer. `passId`: of the card that it made; otherwise the one that they had. */
export function newsOf(
  job: PassJob,
  { what, note, passId = passIdOf(job.customer) }: Pick<PersonNews, 'what' | 'note' | 'passId'>,
): PersonNews {
  const { action, campaign, row, customer } = job;
  return {
    customer: customerKey(customer),
    what,
    action,
    campaign,
    row,
    note,
    email: emailOf(customer),
    passId,
  };
}

/** What there is to say of an event besides what it is: `PM_UNAVAILABLE, 3 times`. */
export function detailOf({ note, times, by, reason = '' }: PersonEvent): string {
  const whose = by === undefined ? '' : `by ${by}${reason === '' ? '' : `: ${reason}`}`;
  return [note, times === undefined ? '' : `${times} times`, whose].filter((part) => part !== '').join(', ');
}
