/** JSON that is small on disk and large in memory, or deeper than functions can recurse. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  MAX_CUSTOMER_BYTES,
  MAX_CUSTOMER_DEPTH,
  MAX_ID_LENGTH,
} from '../../src/domain/customers/customer-limits.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { allOf } from './all-of.ts';
import { makeFileWriter } from './written-file.ts';

const write = makeFileWriter();
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

const native = (cell: string) =>
  `{"success":true,"fields":["registered","x"],"data":[["c-1","A"],["c-2",${cell}],["c-3","C"]]}`;
const jsonLines = (cell: string) =>
  `{"registered":"c-1","x":"A"}\n{"registered":"c-2","x":${cell}}\n{"registered":"c-3","x":"C"}\n`;

const formats: [string, (cell: string) => string, string][] = [
  ['native_json', native, 'item 2 of data'],
  ['JSON Lines', jsonLines, 'line 2'],
];

async function secondRow(content: string) {
  const file = await openFile(await write('rows.json', content), { idTypes: ['registered'] });
  const rows = await allOf(file.rows());
  expect(rows.map((row) => row.number)).toEqual([1, 2, 3]);
  expect([rows[0]?.ok, rows[2]?.ok]).toEqual([true, true]);
  const [, row] = rows;
  return row?.ok === false ? row.failure : row;
}

describe.each(formats)('%s', (_, contentOf, location) => {
  it('accepts a row of the deepest level', async () => {
    // The row itself is a level.
    expect(await secondRow(contentOf(nested(MAX_CUSTOMER_DEPTH - 1)))).toMatchObject({ ok: true });
  });

  it.each([MAX_CUSTOMER_DEPTH, 100, 60_000])('rejects only the row of %i levels', async (levels) => {
    expect(await secondRow(contentOf(nested(levels)))).toEqual({
      code: 'ROW_UNREADABLE',
      detail: `${location}: is nested more than 32 levels deep`,
    });
  });

  it('rejects only a row of many small values, which is too long', async () => {
    const failure = await secondRow(contentOf(`[${'[],'.repeat(400_000)}{"a":[1]}]`));
    expect(failure).toMatchObject({
      code: 'ROW_UNREADABLE',
      detail: expect.stringContaining(`${location}: longer than ${MAX_CUSTOMER_BYTES} bytes`) as string,
    });
  });

  it('rejects only the row whose id is too long', async () => {
    const content = contentOf('"B"');
    const withId = (length: number) => content.replace('c-2', 'x'.repeat(length));
    expect(await secondRow(withId(MAX_ID_LENGTH))).toMatchObject({ ok: true });
    expect(await secondRow(withId(MAX_ID_LENGTH + 1))).toEqual({
      code: 'ROW_UNREADABLE',
      detail: `${location}: registered has 257 characters; the longest id has 256`,
    });
  });
});

it('refuses native_json whose dropped row is closed by the wrong bracket', async () => {
  const path = await write('wrong.json', native(`[${'1,'.repeat(MAX_CUSTOMER_BYTES)}1}`));
  const file = await openFile(path, { idTypes: ['registered'] });
  await expect(allOf(file.rows())).rejects.toThrow(/^\S+ row 2: invalid JSON after byte \d+\. Fix it there/);
});

const head = '{"success":true,"fields":["registered"],"data":[';
const noEnd = ': no end within 5242880 bytes. Check for a missing quote or bracket, or export it again.';

/** 19 MB each, of which gzip makes 19 kB. */
const bombs: [string, string, string][] = [
  ['lists in rows', head + '['.repeat(19e6), noEnd],
  ['objects in rows', head + '{"a":'.repeat(19e6 / 5), noEnd],
  ['small values in a row', `${head}["c-1",${'[],'.repeat(19e6 / 3)}`, noEnd],
  ['a text in a row', `${head}["${'x'.repeat(19e6)}`, noEnd],
  ['fields', `{"success":true,"fields":[${'"a",'.repeat(19e6 / 4)}`, noEnd],
  [
    'lists in another member',
    `{"success":true,"fields":["registered"],"note":${'['.repeat(19e6)}`,
    `: the value at byte 110 is nested more than 64 levels deep. Remove it, or export the file again.`,
  ],
];

describe('refuses 19 kB of gzip in a heap of 64 MB, with location and remedy: endless', () => {
  it.each(bombs)('%s', async (_, content, message) => {
    const path = await write('bomb.json.gz', gzipSync(content));
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--max-old-space-size=64',
      'test/sources/refuse-file.mjs',
      path,
    ]);
    const { refusal, peakMb } = JSON.parse(stdout) as { refusal: string; peakMb: number };
    expect(refusal.slice(path.length).replace(' row 1', '')).toBe(message);
    expect(peakMb).toBeLessThan(250);
  });
});
