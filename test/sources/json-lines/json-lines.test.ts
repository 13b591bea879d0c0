import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../../src/sources/open-file.ts';
import { allOf } from '../all-of.ts';
import { refusalOf } from '../refusal-of.ts';
import { makeFileWriter } from '../written-file.ts';

const write = makeFileWriter();

const small = [
  '{"registered":"c-1","first_name":"Žofie","points":17,"vip":true,"tags":["a","b"],"home":{"city":"Brno"}}',
  '{"first_name":"Řehoř","registered":"c-2","note":"","city":null,"points":0,"vip":false}',
  '',
].join('\n');

const unreadable = (detail: string) => ({ code: 'ROW_UNREADABLE', detail });

async function rowsOf(content: string | Uint8Array, idTypes: readonly string[] = ['registered']) {
  const file = await openFile(await write('lines.jsonl', content), { idTypes });
  return allOf(file.rows());
}

it('keeps the digits of long numbers as text', async () => {
  const line =
    '{"registered":12345678901234567890,"card":9203123456789012345,"nested":{"n":[9007199254740993]},"points":17}';
  expect(await rowsOf(line)).toEqual([
    {
      ok: true,
      number: 1,
      customer: {
        ids: { registered: '12345678901234567890' },
        attributes: { card: '9203123456789012345', nested: { n: ['9007199254740993'] }, points: 17 },
      },
    },
  ]);
});

describe('a JSON Lines file', () => {
  it('has customers whose attributes keep their types, without empty ones', async () => {
    const file = await openFile(await write('small.jsonl', small), { idTypes: ['registered'] });
    expect(file.attributes).toBeUndefined();
    expect(await allOf(file.rows())).toEqual([
      {
        ok: true,
        number: 1,
        customer: {
          ids: { registered: 'c-1' },
          attributes: {
            first_name: 'Žofie',
            points: 17,
            vip: true,
            tags: ['a', 'b'],
            home: { city: 'Brno' },
          },
        },
      },
      {
        ok: true,
        number: 2,
        customer: {
          ids: { registered: 'c-2' },
          attributes: { first_name: 'Řehoř', points: 0, vip: false },
        },
      },
    ]);
  });

  it.each([
    ['CRLF', small.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF${small}`],
    ['no line break at the end', small.trimEnd()],
    ['blank lines', `\n${small.replaceAll('\n', '\n\n  \n')}`],
    ['spaces', small.replaceAll('{"', ' { "').replaceAll(':', ' : ')],
    ['gzip', gzipSync(small)],
  ])('reads the same with %s', async (_, content) => {
    expect(await rowsOf(content)).toEqual(await rowsOf(small));
  });

  it('may have ids and attributes apart, as in webhooks', async () => {
    const rows = await rowsOf(
      '{"customer_ids":{"registered":"c-1"},"customer":{"registered":"other","points":1}}\n' +
        '{"customer_ids":{"registered":"c-2"}}\n{"customer_ids":"c-3"}\n',
    );
    expect(rows.map((row) => (row.ok ? row.customer : row.failure))).toEqual([
      { ids: { registered: 'c-1' }, attributes: { registered: 'other', points: 1 } },
      { ids: { registered: 'c-2' }, attributes: {} },
      unreadable('line 3: customer_ids and customer must be objects'),
    ]);
  });

  it('has ids of every type, the last of a list, in the order of the types', async () => {
    const rows = await rowsOf(
      '{"cookie":["k-0","k-1"],"registered":" 007 "}\n{"registered":17,"cookie":[]}\n{"cookie":"k-3"}\n',
      ['registered', 'cookie'],
    );
    expect(rows.map((row) => row.ok && Object.entries(row.customer.ids))).toEqual([
      [
        ['registered', '007'],
        ['cookie', 'k-1'],
      ],
      [['registered', '17']],
      [['cookie', 'k-3']],
    ]);
  });
});

it('a bad row has its number and line, and the other rows are read', async () => {
  const rows = await rowsOf(
    [
      'lost',
      '{"registered":"c-2"}',
      '',
      '{"registered":"c-3"',
      '["c-4"]',
      'null',
      '{"name":"no id"}',
      '{"registered":1.5}',
      '{"registered":"c-8","__proto__":{"admin":true}}',
      '{"registered":"c-9"} {"registered":"c-10"}',
      '{"registered":"c-11"}',
    ]
      .join('\n')
      // The start of the file makes it JSON.
      .replace('lost', '{"registered'),
  );
  expect(rows.map((row) => [row.number, row.ok ? row.customer.ids['registered'] : row.failure])).toEqual([
    [1, unreadable('line 1: not a JSON object')],
    [2, 'c-2'],
    [3, unreadable('line 4: not a JSON object')],
    [4, unreadable('line 5: not a JSON object')],
    [5, unreadable('line 6: not a JSON object')],
    [6, { code: 'ROW_ID_MISSING', detail: 'line 7: `registered` is empty' }],
    [7, unreadable('line 8: 1.5 in registered is not an id. Write it as text')],
    [8, unreadable('line 9: an attribute must not be named __proto__. Rename it')],
    [9, unreadable('line 10: not a JSON object')],
    [10, 'c-11'],
  ]);
});

const noLines =
  " is JSON, but neither native_json of Bloomreach nor one object per line. Convert it: jq -c '.[]' OLD.json > NEW.jsonl";

const refused: [string, string | Uint8Array, string][] = [
  ['a list of objects', '[{"registered":"c-1"},\n{"registered":"c-2"}]\n', noLines],
  ['an object over many lines', '{\n  "registered": "c-1"\n}\n', noLines],
  [
    'no id in any line',
    '{"Registered":"c-1","name":"A"}\n{"name":"B"}\n',
    ' has no id column named registered. It has Registered, name. If Registered is the id, rename it to registered.',
  ],
  [
    'another encoding',
    Buffer.concat([
      Buffer.from('{"registered":"c-1"}\n\n{"registered":"c-2","name":"'),
      Buffer.of(0xd8),
      Buffer.from('"}\n'),
    ]),
    ' line 3 row 2: the byte 0xd8 is not UTF-8. It is probably windows-1250. Save it as UTF-8, or confirm the encoding.',
  ],
  [
    'incomplete gzip',
    gzipSync(small).subarray(0, -12),
    ' is an incomplete gzip file. Copy or download it again.',
  ],
];

describe('refuses JSON Lines, naming location and remedy, with', () => {
  it.each(refused)('%s', async (_, content, message) => {
    const path = await write('refused.jsonl', content);
    expect(await refusalOf(path)).toBe(`${path}${message}`);
  });
});
