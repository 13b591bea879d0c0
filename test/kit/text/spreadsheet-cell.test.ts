import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { exactCell, spreadsheetCell } from '../../../src/kit/text/spreadsheet-cell.ts';

it.each([
  ['=HYPERLINK("http://evil.example","card")', `'=HYPERLINK("http://evil.example","card")`],
  ['@SUM(1+1)', "'@SUM(1+1)"],
  ['=cmd()', "'=cmd()"],
  ['+420777123456', "'+420777123456"],
  ['-1+1', "'-1+1"],
  ['\t=1', "'\t'=1"],
  ['\r=1', "'\r'=1"],
  ['\n=1', "'\n'=1"],
  ['  =1', "'  =1"],
  ['"=1"', `'"=1"`],
  ['＝1', "'＝1"],
  // In a spreadsheet whose lists are separated by semicolons.
  ['Jana;=cmd()', "Jana;'=cmd()"],
  ['two\n+lines', "two\n'+lines"],
  // What was marked before is marked again, so that one mark can be taken away.
  ["'=1", "''=1"],
])('marks %j as a text', (text, marked) => {
  expect(spreadsheetCell(text)).toBe(marked);
  expect(exactCell(marked)).toBe(text);
});

it.each(['Jana', 'a=b', 'a@x.example', "O'Neil", "'tis", '1-2', '2026-12-24', '', ' ', 'a, b; c'])(
  'leaves %j as it is',
  (text) => {
    expect(spreadsheetCell(text)).toBe(text);
    expect(exactCell(text)).toBe(text);
  },
);

/** What a spreadsheet takes for the beginning of a formula, whatever separates its cells. */
const formula = /^[\t\r]|(?:^|[,;\t\r\n])["' ]*[=+\-@＝＋－＠]/u;
const marked = /(?:^|[,;\t\r\n])'/u;

it('can be undone for every text, and leaves no formula', () => {
  const text = fc
    .array(fc.constantFrom(...`=+-@＝'" ;,\t\r\nab1`.split('')), { maxLength: 12 })
    .map((characters) => characters.join(''));
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (original) => {
      const cell = spreadsheetCell(original);
      expect(exactCell(cell)).toBe(original);
      const cells = cell.split(/[,;\t\r\n]/);
      expect(cells.some((one) => /^[" ]*[=+\-@＝＋－＠]/u.test(one))).toBe(false);
      expect(marked.test(cell) || !formula.test(original)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
