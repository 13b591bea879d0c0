/** Rows that cannot be read: values with a reason, so that the rows behind them go on. */

import { failure } from '../domain/failures/failure.ts';
import type { SourceRow } from '../domain/campaigns/source-row.ts';

/**
 * Bytes of the longest row: one that is longer is no customer and must not cost the memory for it.
 * A customer has some 100, and at most a few thousand.
 */
export const LONGEST_ROW = 1_000_000;

/** `place` is where the row stands, e.g. `line 5`. */
export function unreadableRow(number: number, place: string, why: string): SourceRow {
  return { ok: false, number, failure: failure('ROW_UNREADABLE', `${place} ${why}`) };
}

export function tooLongRow(number: number, place: string): SourceRow {
  return unreadableRow(number, place, `is longer than ${LONGEST_ROW} bytes`);
}
