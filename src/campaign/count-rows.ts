/** Reads a source ahead of the feeder: counts its rows and looks for rows that do not fit the header. */

import type { Source, SourceRow } from '../domain/campaigns/source-row.ts';
import { judgeRows, jobsOf } from './judged-row.ts';
import type { RowFilter } from './row-filter.ts';

export type BadRow = Extract<SourceRow, { ok: false }>;

/**
 * Whether a row does not fit its header. Such a row suggests that others were parsed wrongly without notice,
 * unlike a row that only lacks a value.
 */
export function isBadRow(row: SourceRow): row is BadRow {
  return !row.ok && row.failure.code === 'ROW_RAGGED';
}

/** The reason that a campaign was paused at this row: no row after it was sent. */
export function describeBadRow({ number, failure }: BadRow): string {
  return `Row ${number} does not fit the header: ${failure.detail}. Check that row for an unquoted delimiter or quote. Resume to reject such rows one by one, or stop the campaign and fix the file.`;
}

export interface CountRowsOptions {
  signal: AbortSignal;
  /** A source of more than 2,000 rows is counted after this: counting takes CPU time from the feeder. */
  after: () => Promise<unknown>;
  /** Called for the first bad row only. */
  onBadRow: (row: BadRow) => Promise<void>;
}

const COUNTED_IMMEDIATELY = 2000;

/** Returns the number of rows; undefined if the signal aborted. Throws as the source does. */
export async function countRows(
  source: Source,
  { signal, after, onBadRow }: CountRowsOptions,
): Promise<number | undefined> {
  let rows = 0;
  let isReported = false;
  for await (const chunk of source.rows({ signal })) {
    rows += chunk.length;
    if (rows > COUNTED_IMMEDIATELY) await after();
    const bad = isReported ? undefined : chunk.find(isBadRow);
    if (bad === undefined) continue;
    isReported = true;
    await onBadRow(bad);
  }
  return signal.aborted ? undefined : rows;
}

/** Returns the number of rows, and of those that the filter would send. Throws as the source does. */
export async function countToSend(
  source: Source,
  rowFilter: RowFilter,
): Promise<{ rows: number; toSend: number }> {
  let [rows, toSend] = [0, 0];
  for await (const chunk of source.rows()) {
    rows += chunk.length;
    toSend += jobsOf(await judgeRows(chunk, rowFilter)).length;
  }
  return { rows, toSend };
}
