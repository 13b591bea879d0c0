/** Failures as the dashboard shows them: grouped by cause over all campaigns, and one by one. */

import type { Cause } from './cause.ts';
import type { FailedRecord } from './failed.ts';
import type { Json } from '../jobs/program.ts';

export interface FailureGroup {
  cause: Cause;
  /** Current records, at least one. */
  count: number;
  /** The first and the last failure, including those retried since, in milliseconds since 1970. */
  firstAt: number;
  lastAt: number;
  /** Failures per hour over the last 24 hours, oldest first; `hour` is its start in milliseconds since 1970. Hours without failures are omitted. */
  perHour: { hour: number; count: number }[];
  /** The campaigns, most records first. */
  campaigns: { id: string; count: number }[];
  /** Any record; absent if the last one was retried a moment ago. */
  example?: FailedRecord;
  /** The kind of the example: a job, a row that was rejected when it was read, or a refused write-back. */
  kind: 'job' | 'row' | 'write-back';
  /** Whether such a record can be retried. */
  retryable: boolean;
  /** Whether the cards may have been made: a retry could make second ones. */
  unknown: boolean;
}

/** A failure and the campaign that it belongs to. */
export interface FoundFailure {
  campaign: string;
  record: FailedRecord;
}

export interface FailuresPage {
  /** At most 100, campaign by campaign, unordered within a campaign. */
  failures: FoundFailure[];
  /** Cursor of the next page; undefined after the last page. */
  next: string | undefined;
}

/** A failure with the body that was, or would now be, sent for it. */
export interface FailureExample extends FoundFailure {
  /** Absent if it cannot be rendered. */
  request?: Json;
}
