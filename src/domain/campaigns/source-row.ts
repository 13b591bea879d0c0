/** A row of a source, as every stage that handles sources sees it. */

import type { Failure } from '../failures/failure.ts';
import type { Customer } from '../jobs/pass-job.ts';

/** `number` counts data rows from 1. A bad row is a value with its reason: the others go on. */
export type SourceRow =
  | { ok: true; number: number; customer: Customer }
  | { ok: false; number: number; failure: Failure };

/** A source that can be read from the start, or from behind a row, as often as needed. */
export interface Source {
  /** Attributes that its columns bring; absent where each row names its own. */
  readonly attributes?: readonly string[];
  /** Columns in their order; absent where each row names its own. */
  readonly columns?: readonly string[];
  /**
   * Rows in chunks, in order, read anew each time; `after` leaves out the rows up to that number.
   * Ends early, without an error, once the signal is aborted.
   */
  rows(options?: { after?: number; signal?: AbortSignal }): AsyncIterable<SourceRow[]>;
}
