/** What happened to one customer lately: the line of time that an operator looks up. */

import { finalStates } from '../jobs/outcome.ts';
import { customerKey, emailOf, type PassAction, type PassJob, passIdOf } from '../jobs/pass-job.ts';

/** What can have happened to a customer; the first five are how a job ended. */
export const timelineEventKinds = [
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

export type TimelineEventKind = (typeof timelineEventKinds)[number];

export interface TimelineEvent {
  /** Unix seconds; of the last time where it happened several times. */
  at: number;
  what: TimelineEventKind;
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

export interface CustomerTimeline {
  /** The customer as `type:value` of the id that names them. */
  customer: string;
  /** Oldest first. */
  events: TimelineEvent[];
}

/** Something to put down about a customer, now. */
export interface TimelineEntry {
  /** As `type:value` of the id that names them. */
  customer: string;
  what: TimelineEventKind;
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
export function timelineEntryOf(
  job: PassJob,
  { what, note, passId = passIdOf(job.customer) }: Pick<TimelineEntry, 'what' | 'note' | 'passId'>,
): TimelineEntry {
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
export function detailOf({ note, times, by, reason = '' }: TimelineEvent): string {
  const whose = by === undefined ? '' : `by ${by}${reason === '' ? '' : `: ${reason}`}`;
  return [note, times === undefined ? '' : `${times} times`, whose].filter((part) => part !== '').join(', ');
}
