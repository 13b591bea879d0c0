/** A customer who should have a card and has none, or not the right one. */

import type { Customer } from '../jobs/pass-job.ts';

/** `none`: no card id in the source; `gone`: Passmachine does not know it; `two`: two were made. */
export type Lack = 'none' | 'gone' | 'two';

export interface MissingCard {
  row: number;
  customer: Customer;
  lack: Lack;
  /** The cards that are known of, the source's first. */
  passIds: readonly string[];
}

/** What was found in a chunk of rows. */
export interface MissingChunk {
  missing: MissingCard[];
  rows: number;
  unreadable: number;
}
