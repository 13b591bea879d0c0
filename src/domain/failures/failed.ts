/** Records of the failure index: enough to assess a failure and to send it again. */

import type { Failure } from './failure.ts';
import type { FinalState } from '../jobs/outcome.ts';
import type { PassJob } from '../jobs/pass-job.ts';
import type { WriteBack } from '../jobs/write-back.ts';

interface FailedAt {
  failure: Failure;
  /** Milliseconds since 1970. */
  at: number;
}

/** A row that was rejected when it was read. Only the source has its content. */
export interface FailedRow extends FailedAt {
  row: number;
}

/** A job that ended without success, or whose write-back could not be rendered. */
export interface FailedJob extends FailedAt {
  job: PassJob;
  /** The state that it is counted in; `done` if the card exists and only its write-back failed. */
  state: FinalState;
  attempts: number;
}

/** A write-back that Bloomreach refused. */
export interface FailedWriteBack extends FailedAt {
  writeBack: WriteBack;
}

export type FailedRecord = FailedRow | FailedJob | FailedWriteBack;

/** Who discarded a failure, why, and when (milliseconds since 1970). */
export interface Discard {
  by: string;
  reason: string;
  at: number;
}

export type DiscardedRecord = FailedRecord & { discard: Discard };

/** Whether a failure can be retried. Only the source has the content of a rejected row, and a card is never made twice. */
export function isRetryable(record: FailedRecord): record is FailedJob | FailedWriteBack {
  return 'writeBack' in record || ('job' in record && record.state !== 'done');
}

/** Returns the id of the record's job; undefined for a row that was rejected when it was read. */
export function jobIdOf(record: FailedRecord): string | undefined {
  if ('row' in record) return undefined;
  return 'job' in record ? record.job.id : record.writeBack.id;
}

/** Returns the record's row in the source. */
export function rowOf(record: FailedRecord): number {
  if ('row' in record) return record.row;
  return 'job' in record ? record.job.row : record.writeBack.row;
}
