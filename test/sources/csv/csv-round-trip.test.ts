import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delimiter } from '../../../src/sources/csv/dialect.ts';
import { csvRecords } from '../../../src/sources/csv/csv-records.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { utf8Text } from '../../../src/sources/text-file.ts';
import { allOf } from '../all-of.ts';
import { makeFileWriter } from '../written-file.ts';

const write = makeFileWriter();

/** Text made of characters that break CSV parsers, and any other text. */
const cell = fc
  .oneof(
    fc
      .array(
        fc.constantFrom('"', ',', ';', '\t', '\n', '\r\n', '\r', ' ', 'ž', '🌸', '\uFEFF', 'a', '7', '\\'),
      )
      .map((parts) => parts.join('')),
    fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
  )
  // A backslash before a quote is another CSV dialect: such a row is rejected.
  .map((text) => text.replaceAll(/\\+(?="|$)/g, ''));
const delimiter = fc.constantFrom<Delimiter>(',', ';', '\t');
const lineEnd = fc.constantFrom('\n', '\r\n');

interface Layout {
  delimiter: Delimiter;
  lineEnd: string;
  bom: boolean;
}
const layout: fc.Arbitrary<Layout> = fc.record({ delimiter, lineEnd, bom: fc.boolean() });

/** Quotes cells that need it, and every other column as well. */
function quoted(text: string, column: number): string {
  return /["\r\n,;\t]/.test(text) || column % 2 === 1 ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvOf(rows: readonly (readonly string[])[], how: Layout): string {
  const lines = rows.map((row) => row.map(quoted).join(how.delimiter) + how.lineEnd);
  return `${how.bom ? '\uFEFF' : ''}${lines.join('')}`;
}

async function* sliced(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let slice = 0; at < bytes.length; slice += 1) {
    const size = sizes[slice % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** The first cell is filled, so that no record is blank. */
const records = fc.array(fc.tuple(fc.constantFrom('c-1', '"', 'ř'), cell, cell), {
  minLength: 1,
  maxLength: 12,
});

describe('reads back CSV byte for byte', () => {
  it('wherever the stream is cut, and gives each record its line', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(records, layout, sizes, async (rows, how, cuts) => {
        const text = utf8Text('x.csv', sliced(Buffer.from(csvOf(rows, how)), cuts));
        const read = await allOf(
          csvRecords('x.csv', text, { delimiter: how.delimiter, skipsFirstLine: false }),
        );
        expect(read.map(({ cells }) => cells)).toEqual(rows);
        let line = 1;
        for (const [index, row] of rows.entries()) {
          expect(read[index]?.line).toBe(line);
          line += row.join('').split('\n').length;
        }
      }),
      { numRuns: 400 },
    );
  });

  it('from a file, plain or gzip, from any row on', async () => {
    const customers = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(customers, layout, fc.boolean(), fc.nat(9), async (rows, how, packed, after) => {
        const numbered = rows.map((row, index) => [`00${index + 1}`, ...row]);
        const csv = csvOf([['registered', 'a', 'b'], ...numbered], how);
        const path = await write('round.csv', packed ? gzipSync(csv) : csv);
        const file = await openFile(path, { idTypes: ['registered'] });
        const read = await allOf(file.rows({ after }));
        expect(read).toEqual(
          numbered.slice(after).map(([id, a, b], index) => ({
            ok: true,
            number: after + index + 1,
            customer: {
              ids: { registered: id },
              attributes: { ...(a !== '' && { a }), ...(b !== '' && { b }) },
            },
          })),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('with many chunks of characters of every width', async () => {
    const names = Array.from({ length: 30_000 }, (_, i) => `${'až€🌸"\n'.repeat(i % 5)}${i}`);
    const rows = names.map((name, i) => [`c-${i}`, name]);
    const csv = csvOf([['registered', 'name'], ...rows], { delimiter: ';', lineEnd: '\n', bom: false });
    const file = await openFile(await write('wide.csv', csv), { idTypes: ['registered'] });
    const read = await allOf(file.rows());
    expect(read.map((row) => row.ok && row.customer.attributes['name'])).toEqual(names);
  });
});
