/** The CSV for spreadsheets, read back as a source. */

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvHeader, csvLine } from '../../../src/kit/text/csv-lines.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { parseResolutions } from '../../../src/services/failures/resolution-csv.ts';
import { allOf } from '../all-of.ts';
import { makeFileWriter } from '../written-file.ts';

const write = makeFileWriter();

async function attributesIn(name: string, text: string) {
  const source = await openFile(await write(name, text), { idTypes: ['registered'] });
  const rows = await allOf(source.rows());
  return rows.map((row) => (row.ok ? row.customer.attributes : row.failure));
}

it('has the same values as the exact one', async () => {
  const cell = fc
    .array(fc.constantFrom(..."=+-@' ;,\t\nab1".split('')), { minLength: 1, maxLength: 8 })
    .map((characters) => `${characters.join('')}x`);
  const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const [exact, marked] = (['exact', 'spreadsheet'] as const).map((flavor) => {
        const lines = rows.map(([first, second], index) => csvLine(flavor, [`c-${index}`, first, second]));
        return csvHeader(flavor, ['registered', '=name', 'second']) + lines.join('');
      });
      const expected = await attributesIn('exact.csv', exact ?? '');
      const read = await attributesIn('spreadsheet.csv', marked ?? '');
      expect(read).toMatchObject(expected);
      expect(expected).toMatchObject(rows.map(([first, second]) => ({ '=name': first, second })));
    }),
    { numRuns: 60 },
  );
});

it('names the rows in which it has marked cells', () => {
  expect(csvHeader('spreadsheet', ['a'])).toBe('\ufeffa,passbridge_spreadsheet\n');
  expect(csvLine('spreadsheet', ['=1', -1])).toBe("'=1,-1,yes\n");
  expect(csvLine('spreadsheet', ['a', undefined])).toBe('a,,\n');
  expect(csvLine('exact', ['=1', -1])).toBe('=1,-1\n');
});

it('leaves apostrophes of other files alone', async () => {
  expect(await attributesIn('other.csv', "registered,a\nc-1,'=1\n")).toEqual([{ a: "'=1" }]);
});

it('can be filled in and given back as resolutions', () => {
  const filled = `${csvHeader('spreadsheet', ['job', 'customer', 'pass_id'])}${csvLine('spreadsheet', ['-j-1', '=c', '-p'])}`;
  expect(parseResolutions(filled)).toMatchObject([{ job: '-j-1', customer: '=c', passId: '-p' }]);
});
