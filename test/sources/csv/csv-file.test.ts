import { readdir, readlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { customerKey } from '../../../src/domain/jobs/pass-job.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { eventually } from '../../support/eventually.ts';
import { allOf } from '../all-of.ts';
import { makeFileWriter } from '../written-file.ts';

const write = makeFileWriter();
const idTypes = ['registered'];

const small = 'registered,first_name,city\nc-1,Žofie,Brno\nc-2,Řehoř,\n';

/** Rows enough for many chunks of 64 KB. */
const MANY = 20_000;
const manyRows = `registered,name\n${Array.from({ length: MANY }, (_, i) => `c-${i + 1},Žofie ${i + 1}\n`).join('')}`;

/** Paths that this process has open; Linux tells. */
async function openPaths(): Promise<string[]> {
  const numbers = await readdir('/proc/self/fd');
  return Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')));
}

async function customersOf(path: string, types: readonly string[] = idTypes) {
  const rows = await allOf((await openFile(path, { idTypes: types })).rows());
  return rows.map((row) => (row.ok ? row.customer : row.failure));
}

describe('what a file brings', () => {
  it('is customers with ids and attributes, empty cells left out', async () => {
    const file = await openFile(await write('small.csv', small), { idTypes });
    expect(file.columns).toEqual(['registered', 'first_name', 'city']);
    expect(file.attributes).toEqual(['first_name', 'city']);
    expect(await allOf(file.rows())).toEqual([
      {
        ok: true,
        number: 1,
        customer: { ids: { registered: 'c-1' }, attributes: { first_name: 'Žofie', city: 'Brno' } },
      },
      { ok: true, number: 2, customer: { ids: { registered: 'c-2' }, attributes: { first_name: 'Řehoř' } } },
    ]);
  });

  it.each([
    ['semicolons', small.replaceAll(',', ';')],
    ['tabs', small.replaceAll(',', '\t')],
    ['CRLF', small.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF${small}`],
    ['no line break at the end', small.trimEnd()],
    ['blank lines', `\n${small.replaceAll('\n', '\n\n  \n')}`],
    ['quoted cells', '"registered","first_name","city"\n"c-1","Žofie","Brno"\n"c-2","Řehoř",""\n'],
    ['spaces around the names of columns', small.replace('first_name,city', ' first_name , city')],
    ['gzip under any name', gzipSync(small)],
    ['gzip in two members', Buffer.concat([gzipSync(small.slice(0, 30)), gzipSync(small.slice(30))])],
    ['gzip of a byte order mark', gzipSync(`\uFEFF${small}`)],
  ])('is the same with %s', async (_, content) => {
    expect(await customersOf(await write('same.csv', content))).toEqual(
      await customersOf(await write('small.csv', small)),
    );
  });

  it('keeps every byte of a cell', async () => {
    const cells = ['  two  spaces ', 'say "hi"', 'a;b\tc', 'first\r\nsecond', '\\N', '007', '🌸', '"'];
    const row = ['c-1', ...cells].map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
    const path = await write('bytes.csv', `registered,a,b,c,d,e,f,g,h\n${row}\n`);
    const [customer] = await customersOf(path);
    expect(Object.values((customer as { attributes: object }).attributes)).toEqual(cells);
  });

  it('takes a quote inside an unquoted cell as it is', async () => {
    const path = await write('inch.csv', 'registered,size,name\nc-1,5" wide,A "B" C\nc-2,6"",x"\n');
    expect(await customersOf(path)).toEqual([
      { ids: { registered: 'c-1' }, attributes: { size: '5" wide', name: 'A "B" C' } },
      { ids: { registered: 'c-2' }, attributes: { size: '6""', name: 'x"' } },
    ]);
  });

  it('takes a quoted cell that begins with a quote and holds a line break', async () => {
    const path = await write('said.csv', 'registered,note,size\nc-1,"""Hi""\nthere",5" wide\nc-2,,\n');
    expect(await customersOf(path)).toEqual([
      { ids: { registered: 'c-1' }, attributes: { note: '"Hi"\nthere', size: '5" wide' } },
      { ids: { registered: 'c-2' }, attributes: {} },
    ]);
  });

  it('respects quotes when it finds out the delimiter', async () => {
    const path = await write('quoted.csv', '"a,b,c,d";registered\n1;c-1\n');
    expect((await openFile(path, { idTypes })).attributes).toEqual(['a,b,c,d']);
  });

  it('prefers the delimiter that brings an id column to light', async () => {
    const path = await write('prefers.csv', 'registered;price, net, of tax\nc-1;1\n');
    expect((await openFile(path, { idTypes })).attributes).toEqual(['price, net, of tax']);
  });

  it('holds a file of one column', async () => {
    expect(await customersOf(await write('one.csv', 'registered\nc-1\n\nc-2\n'))).toHaveLength(2);
  });
});

describe('ids', () => {
  it('lose white space around them and nothing else', async () => {
    const path = await write('ids.csv', 'registered\n 007 \n"\tAb c"\n');
    expect((await customersOf(path)).map((row) => (row as { ids: object }).ids)).toEqual([
      { registered: '007' },
      { registered: 'Ab c' },
    ]);
  });

  it('come in the order of the types, so that the first filled one names the customer', async () => {
    const path = await write('types.csv', 'cookie,registered,name\nk-1,c-1,A\nk-2,,B\n');
    const rows = await allOf((await openFile(path, { idTypes: ['registered', 'cookie'] })).rows());
    expect(rows.map((row) => (row.ok ? customerKey(row.customer) : row))).toEqual([
      'registered:c-1',
      'cookie:k-2',
    ]);
  });
});

describe('a bad row', () => {
  it('is told with its number and its line, and the others go on', async () => {
    const path = await write(
      'bad.csv',
      'registered,name,city\nc-1,"A\r\nB",x\n\nc-2,B\nc-3,C,x,y\n " " ,D,x\nc-5,E,x\nlost\n',
    );
    const rows = await allOf((await openFile(path, { idTypes })).rows());
    expect(rows.map((row) => [row.number, row.ok ? row.customer.ids['registered'] : row.failure])).toEqual([
      [1, 'c-1'],
      [2, { code: 'ROW_RAGGED', detail: 'line 5 has 2 cells, the header has 3' }],
      [3, { code: 'ROW_RAGGED', detail: 'line 6 has 4 cells, the header has 3' }],
      [4, '" "'],
      [5, 'c-5'],
      [6, { code: 'ROW_RAGGED', detail: 'line 9 has 1 cell, the header has 3' }],
    ]);
  });

  it('may lack its id', async () => {
    const path = await write('no-id.csv', 'registered,cookie,name\nc-1,,A\n,,B\n"  ",,C\n');
    expect((await customersOf(path, ['registered', 'cookie'])).slice(1)).toEqual([
      { code: 'ROW_ID_MISSING', detail: 'line 3 has nothing in registered and cookie' },
      { code: 'ROW_ID_MISSING', detail: 'line 4 has nothing in registered and cookie' },
    ]);
  });
});

describe('reading from behind a row', () => {
  it.each([0, 1, 2, 699, 700, 12_345, MANY - 1, MANY, MANY + 1])('brings what follows %i', async (after) => {
    const file = await openFile(await write('many.csv', manyRows), { idTypes });
    const rows = await allOf(file.rows({ after }));
    const numbers = Array.from({ length: Math.max(MANY - after, 0) }, (_, i) => after + 1 + i);
    expect(rows.map(({ number }) => number)).toEqual(numbers);
    for (const row of rows) {
      expect(row.ok && row.customer.attributes['name']).toBe(`Žofie ${row.number}`);
    }
  });

  it('can be done while another reading is under way', async () => {
    const file = await openFile(await write('many.csv', manyRows), { idTypes });
    const [one, other] = await Promise.all([allOf(file.rows()), allOf(file.rows({ after: 10_000 }))]);
    expect([one.length, other.length]).toEqual([MANY, 10_000]);
  });
});

describe('stopping', () => {
  const linux = existsSync('/proc/self/fd');

  it.runIf(linux).each([
    ['stop.csv', manyRows],
    ['stop.csv.gz', gzipSync(manyRows)],
  ])('early closes %s', async (name, content) => {
    const path = await write(name, content);
    const file = await openFile(path, { idTypes });
    for await (const chunk of file.rows()) {
      expect(chunk.length).toBeLessThan(MANY);
      expect(await openPaths()).toContain(path);
      break;
    }
    await eventually(async () => expect(await openPaths()).not.toContain(path));
  });

  it.runIf(linux)('by a fault closes the file', async () => {
    const path = await write('fault.csv', `${manyRows}c-x,"never closed\n`);
    const file = await openFile(path, { idTypes });
    await expect(allOf(file.rows())).rejects.toThrow('never closed');
    await eventually(async () => expect(await openPaths()).not.toContain(path));
  });

  it('by a signal ends the rows without an error', async () => {
    const file = await openFile(await write('many.csv', manyRows), { idTypes });
    const stop = new AbortController();
    let seen = 0;
    for await (const chunk of file.rows({ signal: stop.signal })) {
      seen += chunk.length;
      stop.abort();
    }
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(MANY / 2);
    expect(await allOf(file.rows({ signal: AbortSignal.abort() }))).toEqual([]);
  });
});
