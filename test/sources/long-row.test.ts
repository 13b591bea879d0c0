import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_CUSTOMER_BYTES } from '../../src/domain/customers/customer-limits.ts';
import { csvRecords } from '../../src/sources/csv/csv-records.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { allOf } from './all-of.ts';
import { refusalOf } from './refusal-of.ts';
import { makeFileWriter } from './written-file.ts';

const write = makeFileWriter();
/** The most that a row may have. */
const MAX = MAX_CUSTOMER_BYTES;
const longRemedy = 'Export only the columns that the program uses';
const quoteRemedy = 'Double every quote inside a quoted cell ("") and end the cell with a single one.';

async function* chunksOf(...chunks: Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

/** A file with a good customer before and after one with a long name. */
type Format = (name: string) => string;

const csv: Format = (name) => `registered,name\nc-1,A\nc-2,${name}\nc-3,"C\nC"\nc-4,D,\n`;
const jsonLine = (id: string, name: string) => `${JSON.stringify({ registered: id, name })}\n`;
const jsonLines: Format = (name) => jsonLine('c-1', 'A') + jsonLine('c-2', name) + jsonLine('c-3', 'C\nC');
const native: Format = (name) =>
  JSON.stringify({
    success: true,
    fields: [
      { type: 'id', id: 'registered' },
      { type: 'property', property: 'name' },
    ],
    data: [
      ['c-1', 'A'],
      ['c-2', name],
      ['c-3', 'C\nC'],
    ],
  });

const unquoted = (size: number) => 'ab'.repeat(size / 2);
const quoted = (size: number) => `"${'a"",'.repeat(size / 4)}"`;
const inch = (size: number) => `5" ${'wide"'.repeat(size / 5)}`;

const tooLong: [string, string | Uint8Array, string][] = [
  ['CSV, unquoted', csv(unquoted(5 * MAX)), 'line 3'],
  ['CSV, quoted', csv(quoted(5 * MAX)), 'line 3'],
  ['CSV, with quotes in an unquoted cell', csv(inch(5 * MAX)), 'line 3'],
  ['CSV, with many cells', csv('x,'.repeat(2 * MAX)), 'line 3'],
  ['CSV in gzip', gzipSync(csv(quoted(5 * MAX))), 'line 3'],
  ['CSV with CRLF', csv(unquoted(5 * MAX)).replaceAll('\n', '\r\n'), 'line 3'],
  ['CSV, barely', csv(unquoted(MAX + 2)), 'line 3'],
  ['JSON Lines', jsonLines(unquoted(5 * MAX)), 'line 2'],
  ['JSON Lines, barely', jsonLines(unquoted(MAX)), 'line 2'],
  ['native_json', native(unquoted(5 * MAX)), 'item 2 of data'],
  ['native_json, barely', native(unquoted(MAX)), 'item 2 of data'],
];

const good = (row: number) => ({ ok: true, number: row, customer: { ids: { registered: `c-${row}` } } });

describe('rejects only the row of more than MAX_CUSTOMER_BYTES in', () => {
  it.each(tooLong)('%s', async (_, content, location) => {
    const file = await openFile(await write('long', content), { idTypes: ['registered'] });
    const rows = await allOf(file.rows());
    expect(rows.slice(0, 3)).toMatchObject([
      good(1),
      {
        ok: false,
        number: 2,
        failure: { code: 'ROW_UNREADABLE', detail: `${location}: longer than ${MAX} bytes. ${longRemedy}` },
      },
      good(3),
    ]);
    const following = await allOf(file.rows({ after: 2 }));
    expect(following).toEqual(rows.slice(2));
  });

  it('CSV, and still counts the lines after it', async () => {
    const file = await openFile(await write('long.csv', csv(quoted(5 * MAX))), { idTypes: ['registered'] });
    const rows = await allOf(file.rows());
    expect(rows[3]).toMatchObject({ failure: { detail: 'line 6: 3 cells, but the header has 2' } });
  });

  it.each([
    ['CSV', `registered,name\nc-1,A\nc-2,${unquoted(3 * MAX)}`],
    ['CSV, quoted', `registered,name\nc-1,A\nc-2,${quoted(3 * MAX)}`],
    ['CSV, in one column', `registered\nc-1\n${unquoted(2 * MAX)}\n`],
    ['JSON Lines', jsonLine('c-1', 'A') + jsonLine('c-2', unquoted(3 * MAX)).trimEnd()],
  ])('%s as the last row', async (_, content) => {
    const file = await openFile(await write('last', content), { idTypes: ['registered'] });
    const rows = await allOf(file.rows());
    expect(rows.map((row) => row.ok || row.failure.code)).toEqual([true, 'ROW_UNREADABLE']);
  });

  it.each([-3, -2, -1, 0, 1, 2])('CSV, if a chunk ends %i bytes after the row', async (offset) => {
    const row = Buffer.from(`c-1,"${'x'.repeat(MAX)}"\r\n`);
    const text = Buffer.concat([row, Buffer.from('c-2,B\r\n')]);
    const cut = row.length + offset;
    const records = await allOf(
      csvRecords('x.csv', chunksOf(text.subarray(0, cut), text.subarray(cut)), {
        delimiter: ',',
        skipsFirstLine: false,
      }),
    );
    expect(records).toEqual([{ line: 1 }, { line: 2, cells: ['c-2', 'B'] }]);
  });
});

describe('reads a row of just MAX_CUSTOMER_BYTES from', () => {
  const fits = unquoted(MAX - 100);
  it.each([
    ['CSV', csv(fits)],
    ['JSON Lines', jsonLines(fits)],
    ['native_json', native(fits)],
  ])('%s', async (_, content) => {
    const file = await openFile(await write('fits', content), { idTypes: ['registered'] });
    const rows = await allOf(file.rows());
    expect(rows[1]).toMatchObject({ ok: true, customer: { attributes: { name: fits } } });
  });
});

describe('refuses a CSV file with a row of more than MAX_CUSTOMER_BYTES whose quote is open', () => {
  const wide = unquoted(2 * MAX);
  const spans = `is not closed on its line, and the row has more than ${MAX} bytes. ${quoteRemedy}`;
  const contents: [string, string, string][] = [
    ['at the end of its line', `c-1,A,"${wide}\nc-2,B,B\n`, ` line 2: the quote that opens cell 3 ${spans}`],
    ['at the end of the file', `c-1,"${wide}`, ` line 2: the quote that opens cell 2 ${spans}`],
    [
      'after valid lines of the row',
      `c-1,"A\nA","B\n${'c-2,B,B\n'.repeat(MAX / 5)}`,
      ` line 3: the quote that opens cell 3 is never closed. ${quoteRemedy}`,
    ],
    [
      'no longer, but spanned lines',
      `c-1,"A\nA",${wide}\nc-2,B,B\n`,
      ` line 2: the quote that opens cell 2 ${spans}`,
    ],
  ];
  it.each(contents)('%s', async (_, rows, message) => {
    const path = await write('open.csv', `registered,a,b\n${rows}`);
    expect(await refusalOf(path)).toBe(`${path}${message}`);
  });
});

it('refuses a native_json document without an end, in bounded memory', async () => {
  const path = await write(
    'endless.json',
    native('').replace('["c-2",""]', `["c-2","${unquoted(21 * MAX)}"]`),
  );
  expect(await refusalOf(path)).toBe(
    `${path} row 2: no end within ${20 * MAX} bytes. Check for a missing quote or bracket, or export it again.`,
  );
});
