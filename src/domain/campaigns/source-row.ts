/** Rows of a source, and what becomes of them. */

import type { Discard } from '../failures/failed.ts';
import type { Failure } from '../failures/failure.ts';
import type { SkipReason } from '../jobs/outcome.ts';
import type { Customer } from '../jobs/pass-job.ts';

/** `number` counts data rows from 1. A bad row is a value with its reason, so that the other rows continue. */
export type SourceRow =
  | { ok: true; number: number; customer: Customer }
  | { ok: false; number: number; failure: Failure };

/** A source that can be read repeatedly, from the start or from behind a row. */
export interface Source {
  /** Attributes that its columns contain; absent if each row names its own. */
  readonly attributes?: readonly string[];
  /** Columns in order; absent if each row names its own. */
  readonly columns?: readonly string[];
  /** Whether values have types, as in JSON; absent for a source whose values are all text. */
  readonly isTyped?: boolean;
  /**
   * Reads the rows in chunks, in order, starting behind row `after`. Ends early, without an error, when the
   * signal aborts.
   */
  rows(options?: { after?: number; signal?: AbortSignal }): AsyncIterable<SourceRow[]>;
}

/** The result of a row that is not done. */
export type RowResult =
  /** `attempts` is absent for a row that the row filter rejected. */
  | { state: 'rejected' | 'failed' | 'unknown'; failure: Failure; attempts?: number; discard?: Discard }
  | { state: 'skipped'; reason: SkipReason }
  | { state: 'stopped' | 'pending' };

export const rowResultStates = ['rejected', 'failed', 'unknown', 'skipped', 'stopped', 'pending'] as const;

export type RowResultState = (typeof rowResultStates)[number];
