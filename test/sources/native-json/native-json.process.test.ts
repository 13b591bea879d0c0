import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../../src/sources/open-file.ts';
import { allOf } from '../all-of.ts';
import { refusalOf } from '../refusal-of.ts';
import { makeFileWriter } from '../written-file.ts';

const write = makeFileWriter();
const idTypes = ['registered', 'cookie'];

const fields = [
  { type: 'id', id: 'registered' },
  { type: 'id', id: 'cookie' },
  { type: 'property', property: 'first_name' },
  { type: 'property', property: 'points' },
];
const data = [
  ['c-1', ['k-1', 'k-2'], 'Lukáš', 17],
  [null, ['k-3'], '', null],
  ['c-3', [], 'Žofie', 0],
];
const small = JSON.stringify({ success: true, fields, data });

async function rowsOf(content: string | Uint8Array) {
  const file = await openFile(await write('native.json', content), { idTypes });
  return allOf(file.rows());
}

describe('a native_json file', () => {
  it('has customers by its fields, whose values keep their types', async () => {
    const file = await openFile(await write('small.json', small), { idTypes });
    expect(file.columns).toEqual(['registered', 'cookie', 'first_name', 'points']);
    expect(file.attributes).toEqual(['first_name', 'points']);
    expect(await allOf(file.rows())).toEqual([
      {
        ok: true,
        number: 1,
        customer: {
          ids: { registered: 'c-1', cookie: 'k-2' },
          attributes: { first_name: 'Lukáš', points: 17 },
        },
      },
      { ok: true, number: 2, customer: { ids: { cookie: 'k-3' }, attributes: {} } },
      {
        ok: true,
        number: 3,
        customer: { ids: { registered: 'c-3' }, attributes: { first_name: 'Žofie', points: 0 } },
      },
    ]);
  });

  it.each([
    ['line breaks', JSON.stringify({ success: true, fields, data }, null, 2)],
    ['a byte order mark', `\uFEFF${small}`],
    ['gzip', gzipSync(small)],
    ['other members', JSON.stringify({ success: true, fields, note: { data: [['x']] }, data, total: 3 })],
    ['its members in another order', JSON.stringify({ data, fields, success: true })],
  ])('reads the same with %s', async (_, content) => {
    expect(await rowsOf(content)).toEqual(await rowsOf(small));
  });

  it('has ids of other types as attributes', async () => {
    const file = await openFile(await write('small.json', small), { idTypes: ['registered'] });
    const [first] = await allOf(file.rows());
    expect(first).toMatchObject({ customer: { attributes: { cookie: ['k-1', 'k-2'] } } });
  });
});

it('keeps the digits of long numbers as text', async () => {
  const rows = await rowsOf(
    `{"success":true,"fields":${JSON.stringify(fields)},"data":[[12345678901234567890,[],9203123456789012345,17]]}`,
  );
  const [, , third, fourth] = fields.map((field) => String(Object.values(field).at(-1)));
  expect(rows).toMatchObject([
    {
      customer: {
        ids: { registered: '12345678901234567890' },
        attributes: { [third ?? '']: '9203123456789012345', [fourth ?? '']: 17 },
      },
    },
  ]);
});

it('a bad row has its number, and the other rows are read', async () => {
  const rows = await rowsOf(
    JSON.stringify({
      fields,
      data: [['c-1', [], 'A', 1], ['c-2'], 'c-3', [null, [], 'D', 4], [{}, [], 'E', 5], ['c-6', [], 'F', 6]],
    }),
  );
  expect(rows.map((row) => [row.number, row.ok ? row.customer.ids['registered'] : row.failure])).toEqual([
    [1, 'c-1'],
    [2, { code: 'ROW_RAGGED', detail: 'item 2 of data: 1 cell, but the header has 4' }],
    [3, { code: 'ROW_UNREADABLE', detail: 'item 3 of data: not a list' }],
    [4, { code: 'ROW_ID_MISSING', detail: 'item 4 of data: `registered` and `cookie` are empty' }],
    [
      5,
      {
        code: 'ROW_UNREADABLE',
        detail: 'item 5 of data: {} in registered is not an id. Write it as text',
      },
    ],
    [6, 'c-6'],
  ]);
});

const refused: [string, string | Uint8Array, string][] = [
  [
    'a refusal instead',
    '{"success":false,"errors":["no access"]}',
    " reports that Bloomreach's export failed. Export it again.",
  ],
  [
    'fields alone',
    JSON.stringify({ success: true, fields, data: [] }),
    ' has fields and no rows. Export it again.',
  ],
  ['data alone', JSON.stringify({ data }), ' has no list of fields. Export it again.'],
  [
    'a field twice',
    JSON.stringify({ fields: [...fields, fields[2]], data }),
    ': columns 3 and 5 are both named first_name. Rename or remove one.',
  ],
  [
    'no id field',
    JSON.stringify({ fields: fields.slice(2), data }),
    ' has no id column named registered or cookie. It has first_name, points.',
  ],
  [
    'a field without a name',
    JSON.stringify({ fields: [...fields, { type: 'expression' }], data }),
    ': column 5 has no name. Name it in the header, or remove it.',
  ],
  ['an early end', small.slice(0, -12), ' row 3: the file is incomplete. Copy or download it again.'],
  ['an early end of its fields', small.slice(0, 60), ': the file is incomplete. Copy or download it again.'],
  [
    'incomplete gzip',
    gzipSync(small).subarray(0, -12),
    ' is an incomplete gzip file. Copy or download it again.',
  ],
  [
    'invalid JSON',
    small.replace('[null,', '[nil,'),
    ` row 2: invalid JSON after byte ${Buffer.byteLength(small.split('null')[0]!) - 1}. Fix it there, or export it again.`,
  ],
  [
    'text after its end',
    `${small} x`,
    ` row 4: invalid JSON after byte ${Buffer.byteLength(small) - 1}. Fix it there, or export it again.`,
  ],
  [
    'another encoding',
    Buffer.from(small.replace('Ž', '\u00d8'), 'latin1'),
    ' line 1 row 1: the byte 0xe1 is not UTF-8. It is probably windows-1250. Save it as UTF-8, or confirm the encoding.',
  ],
];

describe('refuses native_json, naming location and remedy, with', () => {
  it.each(refused)('%s', async (_, content, message) => {
    const path = await write('refused.json', content);
    expect(await refusalOf(path, idTypes)).toBe(`${path}${message}`);
  });
});

it('reads a document of many rows on one line in constant memory, from any row on', async () => {
  const rows = 200_000;
  const path = join(dirname(await write('small.json', small)), 'large.json.gz');
  await pipeline(Readable.from(document(rows)), createGzip({ level: 1 }), createWriteStream(path));
  // 21 MB of JSON, and a heap that has no room for it.
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-old-space-size=16',
    'test/sources/count-rows.mjs',
    path,
  ]);
  expect(JSON.parse(stdout)).toEqual({ rows, last: `c-${rows}`, behind: 7 });
});

function* document(rows: number): Generator<string> {
  yield `{"success":true,"fields":${JSON.stringify(fields)},"data":[`;
  for (let start = 1; start <= rows; start += 1000) {
    const some = Array.from({ length: 1000 }, (_, i) => [
      `c-${start + i}`,
      [`k-${start + i}`],
      'x'.repeat(70),
      i,
    ]);
    yield (start > 1 ? ',' : '') + JSON.stringify(some).slice(1, -1);
  }
  yield ']}';
}
