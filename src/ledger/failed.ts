/** What the failure index keeps: enough to judge what failed and to send it again. */

import type { Failure } from '../job/failure.ts';
import type { PassJob } from '../job/pass-job.ts';
import type { WriteBack } from '../job/write-back.ts';

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
