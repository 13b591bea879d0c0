/** The result of a preflight: what would become of the rows of a source, before anything is sent. */

import type { Failure, FailureCode } from '../failures/failure.ts';
import type { SkipReason } from '../jobs/outcome.ts';
import type { Customer } from '../jobs/pass-job.ts';
import type { Json } from '../jobs/program.ts';
import type { PreflightWarning } from './preflight-warning.ts';

/** A rendered body to review: a typical one, and the ones most likely to look wrong on a card. */
export interface Sample {
  title: 'typical' | 'longest' | 'fewest fields' | 'longest word' | 'rarest letters';
  row: number;
  customer: Customer;
  body: Json;
}

export interface RejectedRow {
  row: number;
  failure: Failure;
}

/** `rows = toSend + all skipped + rejected`, exactly. */
export interface Preflight {
  rows: number;
  toSend: number;
  /** Rows of {@link toSend} that are in their quiet hours now. */
  quietNow: number;
  /** Rows of {@link toSend} whose card shows this text already: all or none. */
  sameText: number;
  /** By reason. */
  skipped: Partial<Record<SkipReason, number>>;
  rejected: number;
  byCode: ReadonlyMap<FailureCode, number>;
  /** The first few, for the report. */
  rejectedRows: RejectedRow[];
  warnings: PreflightWarning[];
  samples: Sample[];
}
