/** From the records of any format to numbered rows, from the start or from behind a row. */

import type { Source, SourceRow } from '../domain/campaigns/source-row.ts';
import type { RowAtHand } from './source-error.ts';

interface Format<T> {
  /** Reads all records from the start, in chunks. `row` is the next one, for an error to name. */
  records: (row: RowAtHand) => AsyncIterable<readonly T[]>;
  /** Number of the first record: 0 where that is a header, which is no row. */
  first: 0 | 1;
  /** Understands a record. Those up to the row after which to read are never asked about. */
  toRow: (record: T, number: number) => SourceRow;
}

/** Makes `rows` of a {@link Source}; it ends early, without an error, once the signal is aborted. */
export function numberedRows<T>({ records, first, toRow }: Format<T>) {
  return async function* rows({ after = 0, signal }: Parameters<Source['rows']>[0] = {}): AsyncGenerator<
    SourceRow[]
  > {
    let next: number = first;
    for await (const chunk of records(() => next)) {
      if (signal?.aborted === true) return;
      const start = next;
      next += chunk.length;
      const passed = Math.max(after + 1 - start, 0);
      const rest = chunk.slice(passed).map((record, index) => toRow(record, start + passed + index));
      if (rest.length > 0) yield rest;
    }
  };
}
