/** A row of cells under a header as a customer, or the reason why it is none. */

import { failure } from '../../domain/failures/failure.ts';
import type { SourceRow } from '../../domain/campaigns/source-row.ts';
import type { Columns } from './columns.ts';
import { customerRow, isFilled } from '../customer-row.ts';

/** Row `number` of the file; `place` tells where it stands, e.g. `line 5`. */
export function cellsRow(
  cells: readonly unknown[],
  place: () => string,
  number: number,
  columns: Columns,
): SourceRow {
  if (cells.length !== columns.names.length) {
    const found = `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}`;
    const detail = `${place()} has ${found}, the header has ${columns.names.length}`;
    return { ok: false, number, failure: failure('ROW_RAGGED', detail) };
  }
  const ids = columns.ids.map(({ name, at }) => [name, cells[at]] as const);
  const attributes: Record<string, unknown> = {};
  for (const { name, at } of columns.attributes) {
    if (isFilled(cells[at])) attributes[name] = cells[at];
  }
  return customerRow({ number, place, ids, attributes });
}
