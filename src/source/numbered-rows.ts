/** From the records of any format to numbered rows, from the start or from behind a row. */

import type { Source, SourceRow } from '../job/source-row.ts';

interface Format<T> {
  /** Reads all records from the start, in chunks. */
  records: () => AsyncIterable<readonly T[]>;
  /** Understands a record. Those up to the row after which to read are never asked about. */
  toRow: (record: T, number: number) => SourceRow;
}

/** Makes `rows` of a {@link Source}; it ends early, without an error, once the signal is aborted. */
export function numberedRows<T>({ records, toRow }: Format<T>) {
  return async function* rows({ after = 0, signal }: Parameters<Source['rows']>[0] = {}): AsyncGenerator<
    SourceRow[]
  > {
    let next = 1;
    for await (const chunk of records()) {
      if (signal?.aborted === true) return;
      const first = next;
      next += chunk.length;
      const passed = Math.max(after + 1 - first, 0);
      const rest = chunk.slice(passed).map((record, index) => toRow(record, first + passed + index));
      if (rest.length > 0) yield rest;
    }
  };
}
