/** Bloomreach's `native_json` export as a source of customers: one document of any length in constant memory. */

import type { Source } from '../../domain/campaigns/source-row.ts';
import { cellsRow } from '../csv/cells-row.ts';
import { readColumns } from '../csv/columns.ts';
import { type NativeJsonPart, nativeJsonParts, type NativeRow } from './native-json-parts.ts';
import { numberedRows } from '../numbered-rows.ts';
import { SourceError } from '../source-error.ts';
import type { TextFile } from '../text-file.ts';
import { tooLongRow, unreadableRow } from '../unreadable-row.ts';

/** Reads the fields. Throws {@link SourceError} for a document that cannot be used at all. */
export async function openNativeJson(file: TextFile, idTypes: readonly string[]): Promise<Source> {
  const { path, text } = file;
  const fields = await fieldsOf(file);
  const columns = readColumns(path, fields.map(nameOf), idTypes);

  return {
    columns: columns.names,
    attributes: columns.attributes.map(({ name }) => name),
    rows: numberedRows({
      records: (row) => rowsOf(nativeJsonParts(path, text(row), row)),
      first: 1,
      toRow(record: NativeRow, number) {
        const place = () => `item ${number} of data`;
        if (!('value' in record)) return tooLongRow(number, place());
        if (!Array.isArray(record.value)) return unreadableRow(number, place(), 'is no list');
        return cellsRow(record.value, place, number, columns);
      },
    }),
  };
}

/** The list of fields, once it is certain that there is a row. */
async function fieldsOf({ path, text }: TextFile): Promise<unknown[]> {
  let fields: unknown;
  let hasRows = false;
  const row = () => (fields === undefined ? 0 : 1);
  for await (const part of nativeJsonParts(path, text(row), row)) {
    if (part.success === false) {
      throw new SourceError(`${path} tells that Bloomreach could not export. Export it again.`);
    }
    fields ??= part.fields;
    hasRows ||= part.rows.length > 0;
    if (Array.isArray(fields) && hasRows) return fields;
  }
  const lacks = Array.isArray(fields) ? 'has fields and no rows' : 'has no list of fields';
  throw new SourceError(`${path} ${lacks}. Export it again.`);
}

/** `{"type":"id","id":"registered"}`, `{"type":"property","property":"first_name"}`; empty where it has no name. */
function nameOf(field: unknown): string {
  if (typeof field !== 'object' || field === null) return '';
  const { type, ...members } = field as Record<string, unknown>;
  const name = members[String(type)] ?? members['name'] ?? members['id'];
  return typeof name === 'string' ? name : '';
}

async function* rowsOf(parts: AsyncIterable<NativeJsonPart>): AsyncGenerator<NativeRow[]> {
  for await (const { rows } of parts) yield rows;
}
