/**
 * Bloomreach's `native_json` export as a source of customers: one JSON document of any size, read
 * in constant memory. `{"success": true, "fields": [{"type": "id", "id": "registered"}, {"type":
 * "property", "property": "email"}], "data": [["c-1", "…"]]}`, the fields ahead of the data.
 */

import { JSONParser } from '@streamparser/json';
import { z } from 'zod';
import type { Source } from '../job/source-row.ts';
import { cellsRow } from './cells-row.ts';
import { readColumns } from './columns.ts';
import { numberedRows } from './numbered-rows.ts';
import { SourceError } from './source-error.ts';

type Text = AsyncIterable<Buffer>;

/** Reads the fields. Throws {@link SourceError} for a document that cannot be used at all. */
export async function openNativeJson(
  path: string,
  text: () => Text,
  idTypes: readonly string[],
): Promise<Source> {
  const names = await readFields(path, text());
  const columns = readColumns(path, names, idTypes);
  const rows = numberedRows({
    records: () => readData(path, text()),
    toRow: (cells, number) => cellsRow(cells, `item ${number} of "data"`, number, columns),
  });
  for await (const chunk of rows()) {
    if (chunk.length > 0)
      return { columns: names, attributes: columns.attributes.map(({ name }) => name), rows };
  }
  throw new SourceError(`${path} has no customer in "data". Export it again.`);
}

const fieldList = z.array(z.union([z.object({ id: z.string() }), z.object({ property: z.string() })]));

async function readFields(path: string, text: Text): Promise<string[]> {
  for await (const [found] of valuesAt('$.fields', path, text)) {
    if (found === undefined) continue;
    const { data: fields } = fieldList.safeParse(found);
    if (fields === undefined) break;
    return fields.map((field) => ('id' in field ? field.id : field.property));
  }
  throw new SourceError(`${path} has no list "fields" that names its columns. Export it again.`);
}

async function* readData(path: string, text: Text): AsyncGenerator<unknown[][]> {
  for await (const items of valuesAt('$.data.*', path, text)) {
    yield items.map((item) => (Array.isArray(item) ? (item as unknown[]) : []));
  }
}

/** Values at a place of the document, in chunks. */
async function* valuesAt(place: string, path: string, text: Text): AsyncGenerator<unknown[]> {
  const parser = new JSONParser({ paths: [place], keepStack: false });
  let found: unknown[] = [];
  let count = 0;
  parser.onValue = ({ value }) => {
    found.push(value);
  };
  const broken = (what: string, cause?: unknown) =>
    new SourceError(`${path} ${what} after ${count + found.length} customers. Export it again.`, { cause });
  for await (const chunk of text) {
    try {
      parser.write(chunk);
    } catch (error) {
      throw broken('is broken JSON', error);
    }
    count += found.length;
    yield found;
    found = [];
  }
  if (!parser.isEnded) throw broken('is JSON that ends too early,');
}
