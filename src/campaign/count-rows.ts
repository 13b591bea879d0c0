/** Runs ahead of the feeder through a source: how many rows there are, and whether one cannot be read. */

import type { Source } from '../domain/campaigns/source-row.ts';
import { type BadRow, isBadRow } from './bad-row.ts';

export interface CountRowsOptions {
  signal: AbortSignal;
  /** What a source of more than 2,000 rows waits for: to count it takes the processor from those who feed it. */
  after: () => Promise<unknown>;
  /** Told of the first row that cannot be read. */
  onBadRow: (row: BadRow) => Promise<void>;
}

const AT_ONCE = 2000;

/** The number of rows; undefined when it was interrupted. Throws as the source does. */
export async function countRows(
  source: Source,
  { signal, after, onBadRow }: CountRowsOptions,
): Promise<number | undefined> {
  let rows = 0;
  let told = false;
  for await (const chunk of source.rows({ signal })) {
    rows += chunk.length;
    if (rows > AT_ONCE) await after();
    const bad = told ? undefined : chunk.find(isBadRow);
    if (bad === undefined) continue;
    told = true;
    await onBadRow(bad);
  }
  return signal.aborted ? undefined : rows;
}
