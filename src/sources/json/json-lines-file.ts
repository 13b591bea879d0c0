/** JSON Lines as a source of customers: one object a line, any number of them in constant memory. */

import type { Source, SourceRow } from '../../domain/campaigns/source-row.ts';
import { isObject } from '../../kit/is-object.ts';
import { noIdColumn } from '../csv/columns.ts';
import { customerRow, isFilled } from '../customer-row.ts';
import { numberedRows } from '../numbered-rows.ts';
import { SourceError } from '../source-error.ts';
import type { TextFile } from '../text-file.ts';
import { type TextLine, textLines } from '../text-lines.ts';
import { tooLongRow, unreadableRow } from '../unreadable-row.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A line is `{"registered": "c-1", "first_name": …}`, or has ids and attributes apart, as webhooks
 * have it: `{"customer_ids": {…}, "customer": {…}}`. Attributes differ from line to line, so the
 * source names none. Blank lines are no rows. Throws
 * {@link SourceError} where no line at all has an id.
 */
export async function openJsonLines(file: TextFile, idTypes: readonly string[]): Promise<Source> {
  await refuseWithoutId(file, idTypes);
  return {
    rows: numberedRows({
      records: (row) => textLines(file.text(row)),
      first: 1,
      toRow: (line, number) => lineRow(line, number, idTypes),
    }),
  };
}

/** Reads up to the first line that has an id. */
async function refuseWithoutId({ path, text }: TextFile, idTypes: readonly string[]): Promise<void> {
  let other: JsonObject | undefined;
  let next = 1;
  for await (const lines of textLines(text(() => next))) {
    next += lines.length;
    for (const { bytes } of lines) {
      const object = bytes && parsed(bytes);
      if (object === undefined) continue;
      const ids = partsOf(object, idTypes)?.ids ?? {};
      if (idTypes.some((type) => Object.hasOwn(ids, type))) return;
      other ??= ids;
    }
  }
  if (other !== undefined) throw new SourceError(`${path} ${noIdColumn(Object.keys(other), idTypes)}`);
  throw new SourceError(
    `${path} is JSON, but neither native_json of Bloomreach nor one object a line. Make it such lines: jq -c '.[]' OLD.json > NEW.jsonl`,
  );
}

function lineRow({ bytes, line }: TextLine, number: number, idTypes: readonly string[]): SourceRow {
  const place = () => `line ${line}`;
  if (bytes === undefined) return tooLongRow(number, place());
  const object = parsed(bytes);
  if (object === undefined) return unreadableRow(number, place(), 'is no JSON object');
  const parts = partsOf(object, idTypes);
  if (parts === undefined) {
    return unreadableRow(number, place(), 'needs an object for its ids, and one for its attributes');
  }
  // As an attribute it would reach into the objects of this program.
  if (Object.hasOwn(parts.attributes, '__proto__')) {
    return unreadableRow(number, place(), 'has an attribute called __proto__. Rename it');
  }
  return customerRow({
    number,
    place,
    ids: idTypes.map((type) => [type, parts.ids[type]]),
    attributes: Object.fromEntries(Object.entries(parts.attributes).filter(([, value]) => isFilled(value))),
  });
}

function partsOf(object: JsonObject, idTypes: readonly string[]) {
  if (!Object.hasOwn(object, 'customer_ids')) {
    const attributes = Object.entries(object).filter(([name]) => !idTypes.includes(name));
    return { ids: object, attributes: Object.fromEntries(attributes) };
  }
  const { customer_ids: ids, customer: attributes = {} } = object;
  return isObject(ids) && isObject(attributes) ? { ids, attributes } : undefined;
}

function parsed(bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
