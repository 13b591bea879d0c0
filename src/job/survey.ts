/** What a look over a whole source found, before anything is sent. */

import type { Failure, FailureCode } from './failure.ts';
import type { Json } from './program.ts';

/** A rendered body to look at, and the row that it is for. */
export interface Sample {
  title: 'typical' | 'longest' | 'fewest fields';
  row: number;
  body: Json;
}

export interface RejectedRow {
  row: number;
  failure: Failure;
}

/** `rows = toSend + hasCard + noCard + duplicates + rejected`, exactly. */
export interface Survey {
  rows: number;
  toSend: number;
  /** Left alone because they have a card. */
  hasCard: number;
  /** Left alone because they have none that could be changed or replaced. */
  noCard: number;
  /** Rows whose customer stood in an earlier row that is sent. */
  duplicates: number;
  rejected: number;
  byCode: ReadonlyMap<FailureCode, number>;
  /** The first few, to name in a report. */
  rejectedRows: RejectedRow[];
  samples: Sample[];
}
