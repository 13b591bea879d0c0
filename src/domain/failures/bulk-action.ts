/** What an operator has done with many failures at once: the order, and the receipt that tells how far it is. */

import { isAmong } from './cause.ts';
import type { EditRule } from './edit-rule.ts';
import type { FailedRecord } from './failed.ts';

/** `retry` sends again, `discard` takes off the list for good, `edit` sends again with changed attributes. */
export type BulkActionKind = 'retry' | 'discard' | 'edit';

/** A single failure: the id of its job, or the number of a row that was turned away where it was read. */
export interface SelectedJob {
  campaign: string;
  job: string;
}

/** The most that may be selected one by one. */
export const MOST_SELECTED = 500;

/** Which failures: those to which all that is given applies. */
export interface BulkFilter {
  campaign?: string;
  /** Ids of causes, or codes for all causes of theirs. */
  causes?: readonly string[];
  jobs?: readonly SelectedJob[];
  /** Whether creates are meant, too, that may or may not have made a card. */
  unknown: boolean;
}

export interface BulkActionOrder {
  id: string;
  kind: BulkActionKind;
  filter: BulkFilter;
  by: string;
  reason: string;
  /** Milliseconds since 1970: only what had failed by then; what fails again meanwhile is not chased. */
  at: number;
  /** Of an `edit`: how. */
  rule?: EditRule;
}

/** Why a failure was left as it is, in words for someone who did not build this. */
export const leftOutReasons = {
  unknown: 'may have a card: look them up in Passmachine, then ask for unknown outcomes as well',
  'at-door': 'were turned away where they were read: their content is in the source only',
  'card-exists': 'have their card, and what to save about it cannot be rendered: it cannot be made again',
  'only-save': 'have their card, and only saving it failed: nothing is to be changed, send it again as it is',
  'own-body': 'brought what is sent for them whole: no attribute of theirs is looked at',
  'rule-failed': 'could not be changed by the rule',
  halted: 'belong to a campaign that is held, paused or stopped',
} as const;

export type LeftOutReason = keyof typeof leftOutReasons;

/** `cancelled`: what was done by then stands. */
export type BulkActionStatus = 'waiting' | 'running' | 'cancelled' | 'ended';

/**
 * An order with its progress. What somebody else did meanwhile is neither done nor left out, so
 * `done` and `leftOut` may come to less than `total`.
 */
export interface BulkAction extends BulkActionOrder {
  status: BulkActionStatus;
  /** Failures that were meant when it was ordered. */
  total: number;
  done: number;
  leftOut: Partial<Record<LeftOutReason, number>>;
  /** When it ended or was cancelled, ms. */
  endedAt?: number;
}

/** One failure that a bulk act left as it is. */
export interface LeftOut {
  campaign: string;
  row: number;
  /** Absent for a row that was turned away where it was read. */
  job?: string;
  reason: LeftOutReason;
  /** What is wrong with this one in particular. */
  detail?: string;
}

/** Whether a filter means a campaign's failures of a cause. */
export function meansCause({ campaign, causes }: BulkFilter, id: string, cause: string): boolean {
  return (campaign === undefined || campaign === id) && isAmong(causes, cause);
}

/** Why an act has to leave a failure as it is; undefined where it can be carried out. */
export function blockerOf(
  { kind, filter }: { kind: BulkActionKind; filter: Pick<BulkFilter, 'unknown'> },
  record: FailedRecord,
): LeftOutReason | undefined {
  if ('state' in record && record.state === 'unknown' && !filter.unknown) return 'unknown';
  if (kind === 'discard') return undefined;
  if ('row' in record) return 'at-door';
  if ('writeBack' in record) return kind === 'edit' ? 'only-save' : undefined;
  if (record.state === 'done') return 'card-exists';
  return kind === 'edit' && record.job.body !== undefined ? 'own-body' : undefined;
}
