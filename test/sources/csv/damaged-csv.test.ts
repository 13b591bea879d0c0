/** Values and rows that another program damaged: rejected with their line, and the other rows go on. */

import { describe, expect, it } from 'vitest';
import { openFile } from '../../../src/sources/open-file.ts';
import { allOf } from '../all-of.ts';
import { refusalOf } from '../refusal-of.ts';
import { makeFileWriter } from '../written-file.ts';

const write = makeFileWriter();

/** Returns the attributes of each row's customer, or the code and detail of its failure. */
async function rowsOf(content: string | Uint8Array, name = 'a.csv') {
  const file = await openFile(await write(name, content), { idTypes: ['registered'] });
  const rows = await allOf(file.rows());
  return rows.map((row) => {
    if (!row.ok) return `${row.number} ${row.failure.code} ${row.failure.detail}`;
    const { ids, attributes } = row.customer;
    return Object.assign({}, ids, attributes);
  });
}

const sound = { registered: 'c-9', name: 'Jana' };

/** Reads a row between sound ones and returns its failure. */
async function failureOf(row: string) {
  const rows = await rowsOf(`registered,name\nc-9,Jana\n${row}\nc-9,Jana\n`);
  expect([rows[0], rows[2]]).toEqual([sound, sound]);
  return rows[1];
}

describe('a row with a damaged value', () => {
  it.each(['4.20777E+11', '4,2E+11', '1E+12', '6.00311E+15', '1.2E-05'])(
    'is rejected for the id %s',
    async (id) => {
      expect(await failureOf(`"${id}",Eva`)).toBe(
        `2 ROW_DAMAGED line 3: registered is ${id}, a long number that a spreadsheet such as Excel has cut off. Format the column as text there, and export it again`,
      );
    },
  );

  it('is rejected for a cut-off number in any column', async () => {
    expect(await failureOf('c-1,"4,20777E+11"')).toContain('name is 4,20777E+11, a long number');
  });

  it.each(['#N/A', '#REF!', '#VALUE!', '#DIV/0!', '#NAME?', '#NULL!', '#NUM!', '#N/A '])(
    'is rejected for the formula error %s',
    async (cell) => {
      expect(await failureOf(`c-1,${cell}`)).toContain(
        `ROW_DAMAGED line 3: name is ${cell.trim()}, an error of a formula`,
      );
      expect(await failureOf(`${cell},Eva`)).toMatch(/^2 ROW_DAMAGED line 3: registered is #/);
    },
  );

  it('is rejected for a letter that was lost before', async () => {
    expect(await failureOf('c-1,Nov\uFFFDk')).toBe(
      '2 ROW_DAMAGED line 3: name contains \uFFFD (U+FFFD): another program has lost a letter there. Export the row again with the right encoding',
    );
  });

  it.each(['NULL', 'None', 'nan', 'undefined', 'n/a', '-', '(null)', '[]', '\\N', '0'])(
    'is rejected for the placeholder %s in place of an id',
    async (id) => {
      expect(await failureOf(`${id},Eva`)).toBe(
        `2 ROW_ID_MISSING line 3: ${JSON.stringify(id)} in registered stands for an absent value`,
      );
    },
  );

  it.each(['12E4', '4e10', 'E+11', '#1', '+420777123456', 'n-a', 'nano', 'c-0', '#N/A-7'])(
    'keeps the id %s',
    async (id) => {
      expect(await failureOf(`${id},Eva`)).toEqual({ registered: id, name: 'Eva' });
    },
  );

  it('is rejected in JSON Lines and native_json alike, in nested values, too', async () => {
    const lines = [
      '{"registered":"c-1","a":{"city":"Zl\uFFFDn"}}',
      '{"registered":"4,2E+11"}',
      '{"registered":"c-9","name":"Jana"}',
    ];
    expect(await rowsOf(lines.join('\n'), 'a.jsonl')).toEqual([
      expect.stringMatching(/^1 ROW_DAMAGED line 1: a contains/),
      expect.stringMatching(/^2 ROW_DAMAGED line 2: registered is 4,2E\+11/),
      sound,
    ]);
    const native = `{"fields":[{"type":"id","id":"registered"},{"type":"property","property":"name"}],"data":[["c-1","#REF!"],["c-9","Jana"]]}`;
    expect(await rowsOf(native, 'a.json')).toEqual([
      expect.stringMatching(/^1 ROW_DAMAGED item 1 of data: name is #REF!/),
      sound,
    ]);
  });
});

describe('a line that is no customer', () => {
  it('is rejected if it is the header again', async () => {
    expect(await failureOf('registered, name')).toBe(
      '2 ROW_DAMAGED line 3: the header again, as in files that were put together. Remove the line',
    );
  });

  it.each(['----------,----', '==,==', '+----,---+'])(
    'is rejected if it is the separator %s',
    async (line) => {
      expect(await failureOf(line)).toBe(
        '2 ROW_DAMAGED line 3: a line of separators, not a customer. Remove it',
      );
    },
  );

  it.each([',', ' , ', ',,,,', '"",""'])('is not a row if all its cells are blank: %s', async (line) => {
    expect(await rowsOf(`registered,name\n${line}\nc-9,Jana\n${line}\n`)).toEqual([sound]);
  });
});

describe('a line above the header', () => {
  it.each([',', ';', '\t'])('names the delimiter %j', async (delimiter) => {
    const text = `sep=${delimiter}\r\nregistered${delimiter}name\r\nc-9${delimiter}Jana\r\n${delimiter}\r\nbad\r\n`;
    expect(await rowsOf(text)).toEqual([sound, '2 ROW_RAGGED line 5: 1 cell, but the header has 2']);
  });

  it('may not name another delimiter', async () => {
    expect(await refusalOf(await write('b.csv', 'sep=|\nregistered|name\nc-1|A\n'))).toMatch(
      / line 1: cells separated by \| are not supported\. Export it with a comma, a semicolon or a tab\.$/,
    );
  });

  it.each([
    ['Customers 2026,', 'Customers 2026'],
    ['Customers 2026', 'Customers 2026'],
    ['Exported by,Jana', 'Exported by, Jana'],
  ])('is named: %s', async (title, named) => {
    const path = await write('c.csv', `${title}\n\nregistered,name\nc-1,A\n`);
    expect(await refusalOf(path)).toBe(
      `${path} line 1: “${named}” is above the header, which is on line 3. Delete everything above line 3.`,
    );
  });
});

describe('quotes that are not meant as text', () => {
  it.each([
    ['c-1, "Jana" ', 'Jana'],
    ['c-1, "Jana"', 'Jana'],
    ['c-1,"Jana" ', 'Jana'],
    ['c-1,"""Jana"""', '"Jana"'],
    ['c-1," ""Jana"" "', ' "Jana" '],
    ['c-1," """', ' "'],
    ['c-1,"\\"""', '\\"'],
    ['c-1,Firma "Jana"', 'Firma "Jana"'],
    ['c-1,Display 5"', 'Display 5"'],
  ])('are dropped if blanks surround them, otherwise kept: %s', async (row, name) => {
    expect(await failureOf(row)).toEqual({ registered: 'c-1', name });
  });

  it('do not make a cell of blanks beside them suspicious', async () => {
    expect(await failureOf('"""c-1""", ')).toEqual({ registered: '"c-1"', name: ' ' });
  });

  it.each(['c-1,"Jan \\"Honza\\" N"', 'c-1,Jan \\"Honza\\" N', 'c-1, "Jana ""J"" N" ', 'c-1,"Jana" N'])(
    'reject the row if they may mean either: %s',
    async (row) => {
      expect(await failureOf(row)).toBe(
        '2 ROW_UNREADABLE line 3: cell 2 has a quote that may open, close or be text. Double every quote inside a quoted cell (""), without a backslash, and write no blanks around its quotes',
      );
    },
  );
});

describe('table_json', () => {
  it('is read like native_json', async () => {
    const text = '{"header":["registered","name"],"rows":[["c-9","Jana"],["c-1"]],"success":true}';
    expect(await rowsOf(text, 'table.json')).toEqual([
      sound,
      '2 ROW_RAGGED item 2 of data: 1 cell, but the header has 2',
    ]);
  });
});
