/** What an operator does with many failures at once: the order, and its progress. */

import type { FinalState } from '../jobs/outcome.ts';
import { matchesCause } from './cause.ts';
import type { EditRule } from './edit-rule.ts';
import type { FailedRecord } from './failed.ts';

/** `retry` sends again, `discard` removes from the list for good, `edit` sends again with changed attributes. */
export type BulkActionKind = 'retry' | 'discard' | 'edit';

/** One failure: the id of its job, or the number of a row that was rejected when it was read. */
export interface SelectedJob {
  campaign: string;
  job: string;
}

/** Maximum number of failures selected one by one. */
export const MAX_SELECTED = 500;

/** Selects failures; all given criteria must match. */
export interface BulkFilter {
  campaign?: string;
  /** Ids of causes, or codes, which match all of their causes. */
  causes?: readonly string[];
  jobs?: readonly SelectedJob[];
  /** Whether to include creates that may or may not have made a card. */
  unknown: boolean;
}

export interface BulkActionOrder {
  id: string;
  kind: BulkActionKind;
  filter: BulkFilter;
  by: string;
  reason: string;
  /** Milliseconds since 1970. Failures after this time are not included, so a job that fails again is not retried forever. */
  at: number;
  /** The change made by an `edit`. */
  rule?: EditRule;
}

/** Why a failure was excluded, for operators; completes the sentence "3 of them …". */
export const exclusionReasons = {
  unknown: 'may have a card: look the customers up in Passmachine, then include unknown outcomes',
  'rejected-row': 'were rejected when their row was read: only the source has their content',
  'card-exists': 'have a card whose write-back cannot be rendered: a card is never made twice',
  'write-back-only':
    'have a card and only its write-back failed: nothing can be edited, so retry them unchanged',
  'raw-body': 'came with a complete request body: their attributes are not used',
  'rule-failed': 'could not be changed by the rule',
  'not-running': 'belong to a campaign that is held, paused or stopped',
} as const;

export type ExclusionReason = keyof typeof exclusionReasons;

/** `cancelled`: failures handled before that are not reverted. */
export type BulkActionStatus = 'waiting' | 'running' | 'cancelled' | 'ended';

/**
 * An order with its progress. Failures that another action handled meanwhile count as neither done nor excluded,
 * so `done` and `excluded` may add up to less than `total`.
 */
export interface BulkAction extends BulkActionOrder {
  status: BulkActionStatus;
  /** Matching failures when it was ordered. */
  total: number;
  done: number;
  excluded: Partial<Record<ExclusionReason, number>>;
  /** How many of the jobs that it queued again have ended, by state. */
  ended: Partial<Record<FinalState, number>>;
  /** Write-backs among `done`; their campaigns count how they end. */
  writeBacks: number;
  /** When it ended or was cancelled, in milliseconds since 1970. */
  endedAt?: number;
}

/** What has become of the jobs that a bulk action queued again. */
export interface RetryResult {
  queued: number;
  /** Done, or skipped because nothing was left to do. */
  succeeded: number;
  failedAgain: number;
  /** Failed again without an answer, so that a card may exist. */
  unknown: number;
  waiting: number;
}

export function retryResultOf({ done, writeBacks, ended }: BulkAction): RetryResult {
  const { done: sent = 0, skipped = 0, rejected = 0, failed = 0, unknown = 0 } = ended;
  const queued = done - writeBacks;
  const [succeeded, failedAgain] = [sent + skipped, rejected + failed + unknown];
  // Counted by two scripts: a job may have ended that is not counted as queued yet.
  return { queued, succeeded, failedAgain, unknown, waiting: Math.max(0, queued - succeeded - failedAgain) };
}

/** A failure that a bulk action left unchanged. */
export interface ExcludedFailure {
  campaign: string;
  row: number;
  /** Absent for a row that was rejected when it was read. */
  job?: string;
  reason: ExclusionReason;
  /** What is wrong with this failure in particular. */
  detail?: string;
}

/** Whether an action repeats creates that may have made a card: each could make a second one. */
export function mayMakeSecondCards({
  kind,
  filter,
}: Pick<BulkActionOrder, 'kind'> & { filter: Pick<BulkFilter, 'unknown'> }): boolean {
  return kind !== 'discard' && filter.unknown;
}

/** Whether a filter includes a campaign's failures of a cause. */
export function includesCause({ campaign, causes }: BulkFilter, id: string, cause: string): boolean {
  return (campaign === undefined || campaign === id) && matchesCause(causes, cause);
}

/** Returns why an action must exclude a failure; undefined if it can handle it. */
export function exclusionFor(
  { kind, filter }: { kind: BulkActionKind; filter: Pick<BulkFilter, 'unknown'> },
  record: FailedRecord,
): ExclusionReason | undefined {
  if ('state' in record && record.state === 'unknown' && !filter.unknown) return 'unknown';
  if (kind === 'discard') return undefined;
  if ('row' in record) return 'rejected-row';
  if ('writeBack' in record) return kind === 'edit' ? 'write-back-only' : undefined;
  if (record.state === 'done') return 'card-exists';
  return kind === 'edit' && record.job.body !== undefined ? 'raw-body' : undefined;
}
