/** What the failure index keeps: enough to judge what failed and to send it again. */

import type { Failure } from './failure.ts';
import type { FinalState } from './outcome.ts';
import type { PassJob } from './pass-job.ts';
import type { WriteBack } from './write-back.ts';

interface FailedAt {
  failure: Failure;
  /** Milliseconds since 1970. */
  at: number;
}

/** A row that was turned away where it was read. Its content stays in the source. */
export interface FailedRow extends FailedAt {
  row: number;
}

/** A job that ended without success, or whose card could not be written back at all. */
export interface FailedJob extends FailedAt {
  job: PassJob;
  /** The state that it is counted in; `done` where the card exists and only saving it failed. */
  state: FinalState;
  attempts: number;
}

/** A write-back that Bloomreach would not have. */
export interface FailedWriteBack extends FailedAt {
  writeBack: WriteBack;
}

export type FailedRecord = FailedRow | FailedJob | FailedWriteBack;

/** The row of the source that a record is about. */
export function rowOf(record: FailedRecord): number {
  if ('row' in record) return record.row;
  return 'job' in record ? record.job.row : record.writeBack.row;
}
