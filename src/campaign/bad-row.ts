/** Rows that cannot be read for certain: a sign that others may have been read wrongly, unnoticed. */

import type { SourceRow } from '../domain/campaigns/source-row.ts';

export type BadRow = Extract<SourceRow, { ok: false }>;

/** Whether the row does not fit its header. A row that merely lacks something is its own fault alone. */
export function isBadRow(row: SourceRow): row is BadRow {
  return !row.ok && row.failure.code === 'ROW_RAGGED';
}

/** For the person who has to decide: nothing behind this row was sent. */
export function describeBadRow({ number, failure }: BadRow): string {
  return `Row ${number} does not fit the header: ${failure.detail}. Look there for an unquoted delimiter or quote. Resume to reject such rows one by one, or stop and mend the file.`;
}
