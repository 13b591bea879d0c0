/** A row of cells under a header as a customer, or the reason why it is none. */

import { failure } from '../job/failure.ts';
import type { SourceRow } from '../job/source-row.ts';
import type { Column, Columns } from './columns.ts';
import { customerRow } from './customer-row.ts';

/** Row `number` of the source; `place` is where it stands, e.g. `line 5`. */
export function cellsRow(
  cells: readonly unknown[],
  place: string,
  number: number,
  { width, ids, attributes }: Columns,
): SourceRow {
  if (cells.length !== width) {
    const found = `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}`;
    const detail = `${place} has ${found}, the header has ${width}`;
    return { ok: false, number, failure: failure('ROW_RAGGED', detail) };
  }
  const named = ({ name, at }: Column) => [name, cells[at]] as const;
  return customerRow({ ids: ids.map(named), attributes: attributes.map(named), place }, number);
}
