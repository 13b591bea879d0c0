/** A customer's timeline: what happened to their cards recently, as shown by customer search. */

import { finalStates } from '../jobs/outcome.ts';
import { customerKey, emailOf, type PassAction, type PassJob, passIdOf } from '../jobs/pass-job.ts';

/**
 * Kinds of timeline events; the first five are final states of a job. Records store the index of a kind,
 * so the order is part of the stored format.
 */
export const timelineEventKinds = [
  ...finalStates,
  /** A call failed and will be retried. */
  'attempt-failed',
  /** Bloomreach accepted the write-back. */
  'written-back',
  /** Bloomreach refused the write-back permanently, or it could not be rendered. */
  'write-back-failed',
  /** Passmachine reported an event, e.g. that the card was added to a wallet. */
  'event',
  /** A bulk action retried, edited or discarded the failure. */
  'bulk-action',
  /** An unknown create ended done, because its card was proven to exist. */
  'proven',
  /** A second card of the customer came to light. */
  'second-card',
] as const;

export type TimelineEventKind = (typeof timelineEventKinds)[number];

export interface TimelineEvent {
  /** Unix seconds; of the latest occurrence if the event repeated. */
  at: number;
  kind: TimelineEventKind;
  /** What the job asked of Passmachine; absent if the event belongs to no job. */
  action?: PassAction;
  /** Id of the job; it starts with the campaign's id. */
  job: string;
  /**
   * The card's id, the failure's code, the reason for a skip, the properties of an event that name no one, the id of the bulk action,
   * or who proved the card. May be empty.
   */
  detail: string;
  /** Number of consecutive occurrences; absent for one. */
  times?: number;
  /** The operator and their reason; only for `bulk-action`, and only while the bulk action is kept. */
  by?: string;
  reason?: string;
}

export interface CustomerTimeline {
  /** The customer's first id as `type:value`. */
  customer: string;
  /** Oldest first. */
  events: TimelineEvent[];
}

/** A timeline event to be recorded now. */
export interface TimelineEntry {
  /** The customer's first id as `type:value`. */
  customer: string;
  kind: TimelineEventKind;
  action?: PassAction | undefined;
  campaign: string;
  /** Undefined if the script that records the entry assigns the row. */
  row?: number | undefined;
  /** Whether an earlier entry already linked the row to this customer. */
  isRowIndexed?: boolean;
  detail: string;
  /** Further search terms that lead to the customer. */
  email?: string | undefined;
  passId?: string | undefined;
}

/** Makes an entry about a job's customer. `passId`: of the card just made; by default the card they had before. */
export function timelineEntryOf(
  job: PassJob,
  { kind, detail, passId = passIdOf(job.customer) }: Pick<TimelineEntry, 'kind' | 'detail' | 'passId'>,
): TimelineEntry {
  const { action, campaign, row, customer } = job;
  return {
    customer: customerKey(customer),
    kind,
    action,
    campaign,
    row,
    detail,
    email: emailOf(customer),
    passId,
  };
}

/** Describes an event beyond its kind, e.g. `PM_UNAVAILABLE, 3 times`. */
export function detailOf({ detail, times, by, reason = '' }: TimelineEvent): string {
  const operator = by === undefined ? '' : `by ${by}${reason === '' ? '' : `: ${reason}`}`;
  return [detail, times === undefined ? '' : `${times} times`, operator]
    .filter((part) => part !== '')
    .join(', ');
}
