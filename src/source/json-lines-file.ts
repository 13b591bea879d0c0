/** JSON Lines as a source of customers: one object a line, any number of them in constant memory. */

import { failure } from '../job/failure.ts';
import type { Source, SourceRow } from '../job/source-row.ts';
import { noIdColumn } from './columns.ts';
import { customerRow } from './customer-row.ts';
import { numberedRows } from './numbered-rows.ts';
import { SourceError } from './source-error.ts';
import { type TextLine, textLines } from './text-lines.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A line is `{"registered": "c-1", "first_name": …}`, or has ids and attributes apart, as webhooks
 * have it: `{"customer_ids": {…}, "customer": {…}}`. Attributes differ from line to line, so the
 * source names none. Blank lines are no rows. Throws {@link SourceError} where no line at all is a
 * customer.
 */
export async function openJsonLines(
  path: string,
  text: () => AsyncIterable<Buffer>,
  idTypes: readonly string[],
): Promise<Source> {
  const rows = numberedRows({
    records: () => textLines(path, text()),
    toRow: (line, number) => lineRow(line, number, idTypes),
  });
  for await (const chunk of rows()) {
    if (chunk.some(({ ok }) => ok)) return { rows };
  }
  throw new SourceError(`${path} ${await whyNone(textLines(path, text()), idTypes)}`);
}

function lineRow({ text, line }: TextLine, number: number, idTypes: readonly string[]): SourceRow {
  const place = `line ${line}`;
  const unreadable = (why: string): SourceRow => {
    return { ok: false, number, failure: failure('ROW_UNREADABLE', `${place} ${why}`) };
  };
  const object = parsed(text);
  if (object === undefined) return unreadable('is no JSON object');
  const parts = partsOf(object, idTypes);
  if (parts === undefined) return unreadable('needs an object for its ids, and one for its attributes');
  if (Object.hasOwn(parts.attributes, '__proto__')) {
    return unreadable('has an attribute called __proto__. Rename it');
  }
  const ids = idTypes.map((type) => [type, parts.ids[type]] as const);
  return customerRow({ ids, attributes: Object.entries(parts.attributes), place }, number);
}

function partsOf(object: JsonObject, idTypes: readonly string[]) {
  if (!Object.hasOwn(object, 'customer_ids')) {
    const attributes = Object.entries(object).filter(([name]) => !idTypes.includes(name));
    return { ids: object, attributes: Object.fromEntries(attributes) };
  }
  const { customer_ids: ids, customer: attributes = {} } = object;
  return isObject(ids) && isObject(attributes) ? { ids, attributes } : undefined;
}

/** Says what the first line is instead of a customer. */
async function whyNone(lines: AsyncIterable<TextLine[]>, idTypes: readonly string[]): Promise<string> {
  for await (const [first] of lines) {
    const object = first === undefined ? undefined : parsed(first.text);
    const ids = object === undefined ? undefined : partsOf(object, idTypes)?.ids;
    if (ids !== undefined) return noIdColumn(Object.keys(ids), idTypes);
    if (first !== undefined) break;
  }
  return "is JSON, but neither an export of Bloomreach (native_json) nor one object a line. Make it such lines: jq -c '.[]' OLD.json > NEW.jsonl";
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
