/** What the failure index keeps: enough to judge what failed and to send it again. */

import type { Failure } from './failure.ts';
import type { FinalState } from '../jobs/outcome.ts';
import type { PassJob } from '../jobs/pass-job.ts';
import type { WriteBack } from '../jobs/write-back.ts';

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

/** Who took a failure off the list for good, why, and when (ms). */
export interface Discard {
  by: string;
  reason: string;
  at: number;
}

export type DiscardedRecord = FailedRecord & { discard: Discard };

/** Whether it can be sent again from here: a row's content is in the source only, and a card that exists is not made twice. */
export function canBeRepeated(record: FailedRecord): record is FailedJob | FailedWriteBack {
  return 'writeBack' in record || ('job' in record && record.state !== 'done');
}

/** The id of its job; undefined for a row that was turned away where it was read. */
export function jobIdOf(record: FailedRecord): string | undefined {
  if ('row' in record) return undefined;
  return 'job' in record ? record.job.id : record.writeBack.id;
}

/** The row of the source that a record is about. */
export function rowOf(record: FailedRecord): number {
  if ('row' in record) return record.row;
  return 'job' in record ? record.job.row : record.writeBack.row;
}
