/** JSON Lines and Bloomreach's native_json, as customers and as what cannot be customers. */

import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../src/source/open-file.ts';
import { SourceError } from '../../src/source/source-error.ts';
import { allOf } from './all-of.ts';
import { makeFileWriter } from './written-file.ts';

const write = makeFileWriter();
const idTypes = ['registered', 'cookie'];

async function read(content: string | Uint8Array, options: { after?: number } = {}) {
  const source = await openFile(await write('customers', content), { idTypes });
  return allOf(source.rows(options));
}

/** The message with which a file was refused, at its opening or while it was read. */
async function refusal(content: string | Uint8Array): Promise<string> {
  const error: unknown = await read(content).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SourceError);
  return (error as SourceError).message.replace(/^\S+/, '');
}

const native = (fields: string[], data: unknown[]) =>
  JSON.stringify({
    success: true,
    fields: fields.map((name) =>
      idTypes.includes(name) ? { type: 'id', id: name } : { type: 'property', property: name },
    ),
    data,
  });

describe('JSON Lines', () => {
  it('are customers with their ids and attributes, each value in its type', async () => {
    const lines = [
      '{"registered":"c-1","first_name":"Žofie","points":7,"tags":["a"],"none":null,"empty":""}',
      '',
      '{"customer_ids":{"registered":"c-2","cookie":["k-1","k-2"]},"customer":{"first_name":"Jan"}}',
    ];
    expect(await read(lines.join('\n'))).toEqual([
      {
        ok: true,
        number: 1,
        customer: {
          ids: { registered: 'c-1' },
          attributes: { first_name: 'Žofie', points: 7, tags: ['a'] },
        },
      },
      {
        ok: true,
        number: 2,
        customer: { ids: { registered: 'c-2', cookie: 'k-2' }, attributes: { first_name: 'Jan' } },
      },
    ]);
  });

  it('of which some are none are rejected one by one', async () => {
    const long = JSON.stringify({ registered: 'c-2', first_name: 'x'.repeat(5_000_000) });
    const rows = await read(
      `{"registered":"c-1"}\n${long}\n{"torn":\n{"name":"nobody"}\n{"registered":"c-5"}\n`,
    );
    expect(rows.map((row) => (row.ok ? 'ok' : `${row.failure.code}: ${row.failure.detail}`))).toEqual([
      'ok',
      'ROW_UNREADABLE: line 2 has 5000003 characters, 1000000 are the most',
      'ROW_UNREADABLE: line 3 is no JSON object',
      'ROW_ID_MISSING: line 4 has nothing in registered and cookie',
      'ok',
    ]);
  });

  it.each([
    ['no customer', '{"Registered":"c-1"}\n', 'has no id column, which is called registered or cookie'],
    ['a list', '[{"registered":"c-1"}]', "jq -c '.[]'"],
    [
      'a line without an end',
      `{"registered":"c-1"}\n{"a":"${'x'.repeat(11_000_000)}`,
      'line 2 is longer than 10 MB',
    ],
  ])('that are %s are refused', async (_, content, message) => {
    expect(await refusal(content)).toContain(message);
  });
});

describe('native_json', () => {
  const content = native(
    ['registered', 'cookie', 'first_name', 'points'],
    [
      ['c-1', ['k-0', 'k-1'], 'Žofie', 7],
      ['', ['k-2'], 'Jan', null],
      ['c-3', [], 'Eva'],
      [null, null, 'Ota', 1],
    ],
  );

  it('is a list of customers under its fields', async () => {
    const rows = await read(content);
    expect(rows.slice(0, 2)).toEqual([
      {
        ok: true,
        number: 1,
        customer: {
          ids: { registered: 'c-1', cookie: 'k-1' },
          attributes: { first_name: 'Žofie', points: 7 },
        },
      },
      { ok: true, number: 2, customer: { ids: { cookie: 'k-2' }, attributes: { first_name: 'Jan' } } },
    ]);
    expect(rows.slice(2).map((row) => !row.ok && row.failure)).toMatchObject([
      { code: 'ROW_RAGGED', detail: 'item 3 of "data" has 3 cells, the header has 4' },
      { code: 'ROW_ID_MISSING' },
    ]);
  });

  it('is read from behind a row, packed or not', async () => {
    expect((await read(gzipSync(content), { after: 2 })).map(({ number }) => number)).toEqual([3, 4]);
  });

  it.each([
    ['that ends too early', content.slice(0, -30), 'JSON that ends too early, after 2 customers'],
    ['that is broken', content.replace('"Jan",', '"Jan"'), 'is broken JSON after 1 customers'],
    ['without customers', native(['registered'], []), 'has no customer in "data"'],
    ['without fields', '{"success":true,"data":[["c-1"]]}', 'has no list "fields"'],
    ['with a field twice', native(['registered', 'a', 'a'], [['c-1', 1, 2]]), 'has the column a twice'],
    [
      'in a gzip that ends too early',
      gzipSync(content).subarray(0, 120),
      'is a gzip file that ends too early',
    ],
  ])('%s is refused', async (_, broken, message) => {
    expect(await refusal(broken)).toContain(message);
  });
});

describe('whatever the customers are', () => {
  const value = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer(), fc.boolean());
  const customers = fc.array(fc.tuple(fc.stringMatching(/^[a-z0-9]{1,8}$/), value, value), { minLength: 1 });

  it('both formats tell the same', async () => {
    await fc.assert(
      fc.asyncProperty(customers, async (rows) => {
        const lines = rows.map(([registered, a, b]) => JSON.stringify({ registered, a, b })).join('\n');
        const fromLines = await read(lines);
        expect(await read(native(['registered', 'a', 'b'], rows))).toEqual(fromLines);
        expect(fromLines).toEqual(
          rows.map(([registered, a, b], index) => ({
            ok: true,
            number: index + 1,
            customer: { ids: { registered }, attributes: { a, b } },
          })),
        );
      }),
      { numRuns: 50 },
    );
  });
});
