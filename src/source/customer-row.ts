/** A record of an export as a customer, or the reason why it is none. */

import { failure } from '../job/failure.ts';
import type { SourceRow } from '../job/source-row.ts';
import type { Columns } from './columns.ts';
import type { CsvRecord } from './csv-records.ts';

/**
 * Row `number` of the file. Cells keep every byte; only around an id is white space dropped, for
 * no id has any and `17 ` would be another customer than `17`. Empty cells are left out.
 */
export function customerRow({ cells, line }: CsvRecord, number: number, columns: Columns): SourceRow {
  if (cells.length !== columns.width) {
    const detail = `line ${line} has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, the header has ${columns.width}`;
    return { ok: false, number, failure: failure('ROW_RAGGED', detail) };
  }
  const ids: Record<string, string> = {};
  let named = false;
  for (const { name, at } of columns.ids) {
    const id = cells[at]?.trim() ?? '';
    if (id === '') continue;
    ids[name] = id;
    named = true;
  }
  if (!named) {
    const names = columns.ids.map(({ name }) => name).join(' and ');
    const detail = `line ${line} has nothing in ${names}`;
    return { ok: false, number, failure: failure('ROW_ID_MISSING', detail) };
  }
  const attributes: Record<string, string> = {};
  for (const { name, at } of columns.attributes) {
    const cell = cells[at];
    if (cell !== undefined && cell !== '') attributes[name] = cell;
  }
  return { ok: true, number, customer: { ids, attributes } };
}
