/** Bloomreach's `native_json` export, or `table_json`, which has `header` and `rows` instead of `fields` and `data`: one document of any length in constant memory. */

import type { SourceRow } from '../../domain/campaigns/source-row.ts';
import { MAX_CUSTOMER_DEPTH } from '../../domain/customers/customer-limits.ts';
import { tooDeep } from '../../kit/json/json-limits.ts';
import { cellsRow, parseHeader } from '../columns.ts';
import { SourceError } from '../source-error.ts';
import { numberedRows, type SourceFormat, tooLongRow, unreadableRow } from '../source-format.ts';
import type { TextFile } from '../text-file.ts';
import { type NativeJsonPart, nativeJsonParts } from './native-json-parts.ts';
import type { NativeRow } from './row-tokens.ts';

export const nativeJson: SourceFormat = {
  matches(head) {
    const start = head.toString('utf8', 0, 1000);
    // An export starts with its own members, in any order; a refusal starts with "success": false.
    return (
      /^\s*\{\s*("success"\s*:\s*true\s*,\s*)?"(fields|data|header|rows)"\s*:\s*\[/.test(start) ||
      /^\s*\{\s*"success"\s*:\s*false\b/.test(start)
    );
  },

  async open(file, idTypes) {
    const { path, text } = file;
    const fields = await fieldsOf(file);
    const columns = parseHeader(path, fields.map(nameOf), idTypes);

    return {
      isTyped: true,
      columns: columns.names,
      attributes: columns.attributes.map(({ name }) => name),
      rows: numberedRows({
        records: (row) => rowsOf(nativeJsonParts(path, text(row), row)),
        first: 1,
        toRow(record: NativeRow, number) {
          const location = () => `item ${number} of data`;
          if ('dropped' in record) return droppedRow(record.dropped, number, location());
          if (!Array.isArray(record.value)) return unreadableRow(number, location(), 'not a list');
          return cellsRow(record.value, location, number, columns);
        },
      }),
    };
  },
};

function droppedRow(why: 'too-long' | 'too-deep', number: number, location: string): SourceRow {
  return why === 'too-long'
    ? tooLongRow(number, location)
    : unreadableRow(number, location, tooDeep(MAX_CUSTOMER_DEPTH));
}

/** Returns the list of fields once there is a row. */
async function fieldsOf({ path, text }: TextFile): Promise<unknown[]> {
  let fields: unknown;
  let hasRows = false;
  const row = () => (fields === undefined ? 0 : 1);
  for await (const part of nativeJsonParts(path, text(row), row)) {
    if (part.success === false) {
      throw new SourceError(`${path} reports that Bloomreach's export failed. Export it again.`);
    }
    fields ??= part.fields;
    hasRows ||= part.rows.length > 0;
    if (Array.isArray(fields) && hasRows) return fields;
  }
  const problem = Array.isArray(fields) ? 'has fields and no rows' : 'has no list of fields';
  throw new SourceError(`${path} ${problem}. Export it again.`);
}

/**
 * `{"type":"id","id":"registered"}`, `{"type":"property","property":"first_name"}`, or the name itself; empty if it has no
 * name.
 */
function nameOf(field: unknown): string {
  if (typeof field === 'string') return field;
  if (typeof field !== 'object' || field === null) return '';
  const { type, ...members } = field as Record<string, unknown>;
  const name = members[String(type)] ?? members['name'] ?? members['id'];
  return typeof name === 'string' ? name : '';
}

async function* rowsOf(parts: AsyncIterable<NativeJsonPart>): AsyncGenerator<NativeRow[]> {
  for await (const { rows } of parts) yield rows;
}
