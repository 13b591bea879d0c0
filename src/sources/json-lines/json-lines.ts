/** JSON Lines: one object per line, any number of them in constant memory. */

import type { SourceRow } from '../../domain/campaigns/source-row.ts';
import { MAX_CUSTOMER_DEPTH } from '../../domain/customers/customer-limits.ts';
import { parseExactJson } from '../../kit/json/exact-json.ts';
import { JsonLimitError } from '../../kit/json/json-limits.ts';
import { isObject } from '../../kit/is-object.ts';
import { noIdColumn } from '../columns.ts';
import { SourceError } from '../source-error.ts';
import {
  customerRow,
  isFilled,
  numberedRows,
  type SourceFormat,
  tooLongRow,
  unreadableRow,
} from '../source-format.ts';
import type { TextFile } from '../text-file.ts';
import { type TextLine, textLines } from './text-lines.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A line is `{"registered": "c-1", "first_name": …}`, or has ids and attributes apart, as in webhooks:
 * `{"customer_ids": {…}, "customer": {…}}`. Attributes differ from line to line, so the source lists
 * none. Blank lines are not rows. `open` throws {@link SourceError} if no line has an id.
 */
export const jsonLines: SourceFormat = {
  // No CSV header starts like this.
  matches: (head) => /^\s*(\{\s*["}]|\[\s*[[{])/.test(head.toString('utf8', 0, 1000)),

  async open(file, idTypes) {
    await assertHasId(file, idTypes);
    return {
      isTyped: true,
      rows: numberedRows({
        records: (row) => textLines(file.text(row)),
        first: 1,
        toRow: (line, number) => lineRow(line, number, idTypes),
      }),
    };
  },
};

/** Reads up to the first line that has an id. */
async function assertHasId({ path, text }: TextFile, idTypes: readonly string[]): Promise<void> {
  let withoutId: JsonObject | undefined;
  let next = 1;
  for await (const lines of textLines(text(() => next))) {
    next += lines.length;
    for (const { bytes } of lines) {
      const object = bytes && parseObject(bytes);
      if (object === undefined || typeof object === 'string') continue;
      const ids = splitObject(object, idTypes)?.ids ?? {};
      if (idTypes.some((type) => Object.hasOwn(ids, type))) return;
      withoutId ??= ids;
    }
  }
  if (withoutId !== undefined) throw noIdColumn(path, Object.keys(withoutId), idTypes);
  throw new SourceError(
    `${path} is JSON, but neither native_json of Bloomreach nor one object per line. Convert it: jq -c '.[]' OLD.json > NEW.jsonl`,
  );
}

function lineRow({ bytes, line }: TextLine, number: number, idTypes: readonly string[]): SourceRow {
  const location = () => `line ${line}`;
  if (bytes === undefined) return tooLongRow(number, location());
  const object = parseObject(bytes);
  if (typeof object === 'string') return unreadableRow(number, location(), object);
  const parts = splitObject(object, idTypes);
  if (parts === undefined) {
    return unreadableRow(number, location(), 'customer_ids and customer must be objects');
  }
  // As an attribute it would modify the prototype of objects.
  if (Object.hasOwn(parts.attributes, '__proto__')) {
    return unreadableRow(number, location(), 'an attribute must not be named __proto__. Rename it');
  }
  return customerRow({
    number,
    location,
    ids: idTypes.map((type) => [type, parts.ids[type]]),
    attributes: Object.fromEntries(Object.entries(parts.attributes).filter(([, value]) => isFilled(value))),
  });
}

function splitObject(object: JsonObject, idTypes: readonly string[]) {
  if (!Object.hasOwn(object, 'customer_ids')) {
    const attributes = Object.entries(object).filter(([name]) => !idTypes.includes(name));
    return { ids: object, attributes: Object.fromEntries(attributes) };
  }
  const { customer_ids: ids, customer: attributes = {} } = object;
  return isObject(ids) && isObject(attributes) ? { ids, attributes } : undefined;
}

/** Returns the problem as a text if the line is not an object. */
function parseObject(bytes: Buffer): JsonObject | string {
  try {
    const value: unknown = parseExactJson(bytes.toString(), MAX_CUSTOMER_DEPTH);
    return isObject(value) ? value : 'not a JSON object';
  } catch (error) {
    return error instanceof JsonLimitError ? error.message : 'not a JSON object';
  }
}
