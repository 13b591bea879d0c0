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

/** Enough rows for many chunks of 64 KB. */
const MANY = 20_000;
const manyRows = `registered,name\n${Array.from({ length: MANY }, (_, i) => `c-${i + 1},Žofie ${i + 1}\n`).join('')}`;

/** Returns the paths that this process has open, on Linux. */
async function openPaths(): Promise<string[]> {
  const numbers = await readdir('/proc/self/fd');
  return Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')));
}

async function customersOf(path: string, types: readonly string[] = idTypes) {
  const rows = await allOf((await openFile(path, { idTypes: types })).rows());
  return rows.map((row) => (row.ok ? row.customer : row.failure));
}

describe('a CSV file', () => {
  it('has customers with ids and attributes, without empty cells', async () => {
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
    ['spaces around column names', small.replace('first_name,city', ' first_name , city')],
    ['gzip under any name', gzipSync(small)],
    ['gzip in two members', Buffer.concat([gzipSync(small.slice(0, 30)), gzipSync(small.slice(30))])],
    ['gzip of a byte order mark', gzipSync(`\uFEFF${small}`)],
  ])('reads the same with %s', async (_, content) => {
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

  it('keeps a quote inside an unquoted cell', async () => {
    const path = await write('inch.csv', 'registered,size,name\nc-1,5" wide,A "B" C\nc-2,6"",x"\n');
    expect(await customersOf(path)).toEqual([
      { ids: { registered: 'c-1' }, attributes: { size: '5" wide', name: 'A "B" C' } },
      { ids: { registered: 'c-2' }, attributes: { size: '6""', name: 'x"' } },
    ]);
  });

  it('accepts a quoted cell that starts with a quote and contains a line break', async () => {
    const path = await write('said.csv', 'registered,note,size\nc-1,"""Hi""\nthere",5" wide\nc-2,,\n');
    expect(await customersOf(path)).toEqual([
      { ids: { registered: 'c-1' }, attributes: { note: '"Hi"\nthere', size: '5" wide' } },
      { ids: { registered: 'c-2' }, attributes: {} },
    ]);
  });

  it('respects quotes when it detects the delimiter', async () => {
    const path = await write('quoted.csv', '"a,b,c,d";registered\n1;c-1\n');
    expect((await openFile(path, { idTypes })).attributes).toEqual(['a,b,c,d']);
  });

  it('prefers the delimiter with which there is an id column', async () => {
    const path = await write('prefers.csv', 'registered;price, net, of tax\nc-1;1\n');
    expect((await openFile(path, { idTypes })).attributes).toEqual(['price, net, of tax']);
  });

  it('can have a single column', async () => {
    expect(await customersOf(await write('one.csv', 'registered\nc-1\n\nc-2\n'))).toHaveLength(2);
  });
});

describe('ids', () => {
  it('are trimmed', async () => {
    const path = await write('ids.csv', 'registered\n 007 \n"\tAb c"\n');
    expect((await customersOf(path)).map((row) => (row as { ids: object }).ids)).toEqual([
      { registered: '007' },
      { registered: 'Ab c' },
    ]);
  });

  it('are in the order of the types, so that the first filled one identifies the customer', async () => {
    const path = await write('types.csv', 'cookie,registered,name\nk-1,c-1,A\nk-2,,B\n');
    const rows = await allOf((await openFile(path, { idTypes: ['registered', 'cookie'] })).rows());
    expect(rows.map((row) => (row.ok ? customerKey(row.customer) : row))).toEqual([
      'registered:c-1',
      'cookie:k-2',
    ]);
  });
});

describe('a bad row', () => {
  it('has its number and line, and the other rows are read', async () => {
    const path = await write(
      'bad.csv',
      'registered,name,city\nc-1,"A\r\nB",x\n\nc-2,B\nc-3,C,x,y\n " " ,D,x\nc-5,E,x\nlost\n',
    );
    const rows = await allOf((await openFile(path, { idTypes })).rows());
    expect(rows.map((row) => [row.number, row.ok ? row.customer.ids['registered'] : row.failure])).toEqual([
      [1, 'c-1'],
      [2, { code: 'ROW_RAGGED', detail: 'line 5: 2 cells, but the header has 3' }],
      [3, { code: 'ROW_RAGGED', detail: 'line 6: 4 cells, but the header has 3' }],
      [4, { code: 'ROW_ID_MISSING', detail: 'line 7: `registered` is empty' }],
      [5, 'c-5'],
      [6, { code: 'ROW_RAGGED', detail: 'line 9: 1 cell, but the header has 3' }],
    ]);
  });

  it('has no id', async () => {
    const path = await write('no-id.csv', 'registered,cookie,name\nc-1,,A\n,,B\n"  ",,C\n');
    expect((await customersOf(path, ['registered', 'cookie'])).slice(1)).toEqual([
      { code: 'ROW_ID_MISSING', detail: 'line 3: `registered` and `cookie` are empty' },
      { code: 'ROW_ID_MISSING', detail: 'line 4: `registered` and `cookie` are empty' },
    ]);
  });
});

describe('reading after a row', () => {
  it.each([0, 1, 2, 699, 700, 12_345, MANY - 1, MANY, MANY + 1])(
    'returns the rows after %i',
    async (after) => {
      const file = await openFile(await write('many.csv', manyRows), { idTypes });
      const rows = await allOf(file.rows({ after }));
      const numbers = Array.from({ length: Math.max(MANY - after, 0) }, (_, i) => after + 1 + i);
      expect(rows.map(({ number }) => number)).toEqual(numbers);
      for (const row of rows) {
        expect(row.ok && row.customer.attributes['name']).toBe(`Žofie ${row.number}`);
      }
    },
  );

  it('works during another read', async () => {
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

  it.runIf(linux)('because of a fault closes the file', async () => {
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
