/** Failures as an operator looks at them: by cause over all campaigns, and one by one. */

import type { Cause } from './cause.ts';
import type { FailedRecord } from './failed.ts';
import type { Json } from '../jobs/program.ts';

export interface FailureGroup {
  cause: Cause;
  /** Records under it now, at least one. */
  count: number;
  /** When it struck first and last, ms; what was sent again since included. */
  firstAt: number;
  lastAt: number;
  /** How often it struck in each of the last 24 hours (ms at their start) in which it did, oldest first. */
  perHour: { hour: number; count: number }[];
  /** Where, most records first. */
  campaigns: { id: string; count: number }[];
  /** Any record; absent where the last one was just sent again. */
  example?: FailedRecord;
  /** What the example is: a job, a row that was turned away where it was read, or a refused write-back. */
  kind: 'job' | 'row' | 'write-back';
  /** Whether such a record can be sent again from here. */
  repeatable: boolean;
  /** Whether its cards may or may not have been made: sent again, each could become a second one. */
  unknown: boolean;
}

/** One failure and the campaign that it belongs to. */
export interface FoundFailure {
  campaign: string;
  record: FailedRecord;
}

export interface FailuresPage {
  /** At most 100, campaign by campaign, in no order. */
  failures: FoundFailure[];
  /** Where the next page begins; undefined behind the last. */
  next: string | undefined;
}

/** A failure with what was, or would now be, sent for it. */
export interface FailureExample extends FoundFailure {
  /** Absent where nothing of it can be rendered. */
  request?: Json;
}
