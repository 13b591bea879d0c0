/** Runs ahead of the feeder through a source: how many rows there are, and whether one cannot be read. */

import type { Source } from '../job/source-row.ts';
import { type BadRow, isBadRow } from './bad-row.ts';

interface ScoutOptions {
  signal: AbortSignal;
  /** Told of the first row that cannot be read. */
  onBadRow: (row: BadRow) => Promise<void>;
}

/** The number of rows; undefined when it was interrupted. Throws as the source does. */
export async function scout(source: Source, { signal, onBadRow }: ScoutOptions): Promise<number | undefined> {
  let rows = 0;
  let told = false;
  for await (const chunk of source.rows({ signal })) {
    rows += chunk.length;
    const bad = told ? undefined : chunk.find(isBadRow);
    if (bad === undefined) continue;
    told = true;
    await onBadRow(bad);
  }
  return signal.aborted ? undefined : rows;
}
