/** A customer of a segment whose card is missing, deleted or duplicated. */

import type { Customer } from '../jobs/pass-job.ts';

/** `missing`: no card id in the source; `deleted`: Passmachine does not know the card; `duplicated`: more than one was made. */
export type CardProblem = 'missing' | 'deleted' | 'duplicated';

export interface MissingCard {
  row: number;
  customer: Customer;
  problem: CardProblem;
  /** Ids of the known cards, the source's first. */
  passIds: readonly string[];
}

/** The result for a chunk of rows. */
export interface MissingChunk {
  missing: MissingCard[];
  rows: number;
  unreadable: number;
}
