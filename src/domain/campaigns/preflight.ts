/** What a look over a whole source found, before anything is sent. */

import type { Failure, FailureCode } from '../failures/failure.ts';
import type { SkipReason } from '../jobs/outcome.ts';
import type { Customer } from '../jobs/pass-job.ts';
import type { Json } from '../jobs/program.ts';

/** A rendered body to look at, and whom it is for: one that is most likely to look wrong on a card. */
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

/** `rows = toSend + all that is skipped + rejected`, exactly. */
export interface Preflight {
  rows: number;
  toSend: number;
  /** Those among {@link toSend} whose quiet hours it is now. */
  quietNow: number;
  /** Those among {@link toSend} whose card shows this text already: all of them, or none. */
  sameText: number;
  /** Left alone, by reason. */
  skipped: Partial<Record<SkipReason, number>>;
  rejected: number;
  byCode: ReadonlyMap<FailureCode, number>;
  /** The first few, to name in a report. */
  rejectedRows: RejectedRow[];
  samples: Sample[];
}
