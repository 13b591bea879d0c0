import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson } from '../../src/kit/json/exact-json.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { allOf } from './all-of.ts';
import { makeFileWriter } from './written-file.ts';

const write = makeFileWriter();

/** A replacement character in a column's name is refused: another program has lost a letter there. */
const LOST_LETTER = '\uFFFD';
const name = fc
  .string({ unit: 'grapheme' })
  .filter((text) => text !== '__proto__' && text !== 'registered' && !text.includes(LOST_LETTER));
const value = fc.jsonValue();
const attributes = fc.dictionary(name, value, { noNullPrototype: true });
const after = fc.nat(6);

/** Returns the value as JSON preserves it, and a number that would be rounded as its digits. */
const asRead = (json: unknown): unknown => parseExactJson(JSON.stringify(json));
const filled = (entries: [string, unknown][]) =>
  Object.fromEntries(entries.filter(([, any]) => any !== null && any !== ''));

function expected(all: readonly [string, unknown][][], from: number) {
  return all.slice(from).map((entries, index) => ({
    ok: true,
    number: from + index + 1,
    customer: { ids: { registered: `c-${from + index + 1}` }, attributes: filled(entries) },
  }));
}

async function read(text: string, packed: boolean, from: number) {
  const path = await write('round', packed ? gzipSync(text) : text);
  const file = await openFile(path, { idTypes: ['registered'] });
  return allOf(file.rows({ after: from }));
}

describe('reads back what was written, with its types, from any row on', () => {
  it('as JSON Lines', async () => {
    const customers = fc.array(attributes, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(customers, fc.boolean(), after, async (all, packed, from) => {
        const lines = all.map((one, index) => JSON.stringify({ registered: `c-${index + 1}`, ...one }));
        const entries = all.map((one) => Object.entries(asRead(one) as Record<string, unknown>));
        expect(await read(lines.join('\n'), packed, from)).toEqual(expected(entries, from));
      }),
      { numRuns: 200 },
    );
  });

  it('as native_json', async () => {
    const names = fc.uniqueArray(
      name.map((text) => text.trim()).filter((text) => text !== '' && text !== 'registered'),
      { maxLength: 4 },
    );
    const values = fc.array(fc.array(value, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    const spaces = fc.constantFrom(0, 2);
    await fc.assert(
      fc.asyncProperty(
        names,
        values,
        spaces,
        fc.boolean(),
        after,
        async (columns, all, space, packed, from) => {
          const fields = [
            { type: 'id', id: 'registered' },
            ...columns.map((property) => ({ type: 'property', property })),
          ];
          const data = all.map((cells, index) => [`c-${index + 1}`, ...cells.slice(0, columns.length)]);
          const text = JSON.stringify({ success: true, fields, data }, null, space);
          const entries = all.map((cells) => {
            const written = asRead(cells) as unknown[];
            return columns.map((column, at): [string, unknown] => [column, written[at]]);
          });
          expect(await read(text, packed, from)).toEqual(expected(entries, from));
        },
      ),
      { numRuns: 200 },
    );
  });
});
