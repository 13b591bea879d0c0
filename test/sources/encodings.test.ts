/** Exports in other encodings: offered with names as they would look, and read once the encoding is confirmed. */

import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../src/kit/text/encodings.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { EncodingError } from '../../src/sources/source-error.ts';
import { allOf } from './all-of.ts';
import { refusalOf } from './refusal-of.ts';
import { makeFileWriter } from './written-file.ts';

const write = makeFileWriter();
const idTypes = ['registered'];

const czech = 'registered;name\r\nc-1;Jiří Řehoř\r\nc-2;Šárka Žižková\r\nc-3;Božena Němcová\r\n';
const french = 'registered;name\r\nc-1;Hélène Garçon\r\nc-2;Noël Brontë\r\nc-3;Françoise\r\n';

const files: [encoding: Encoding, what: string, bytes: Buffer, names: string[]][] = [
  [
    'windows-1250',
    'Czech',
    iconv.encode(czech, 'windows-1250'),
    ['Jiří Řehoř', 'Šárka Žižková', 'Božena Němcová'],
  ],
  [
    'iso-8859-2',
    'Czech',
    iconv.encode(czech, 'iso-8859-2'),
    ['Jiří Řehoř', 'Šárka Žižková', 'Božena Němcová'],
  ],
  [
    'windows-1252',
    'French',
    iconv.encode(french, 'windows-1252'),
    ['Hélène Garçon', 'Noël Brontë', 'Françoise'],
  ],
  [
    'utf-16',
    'with a mark',
    Buffer.from(`\uFEFF${czech}`, 'utf16le'),
    ['Jiří Řehoř', 'Šárka Žižková', 'Božena Němcová'],
  ],
  [
    'utf-16',
    'without a mark',
    Buffer.from(czech, 'utf16le'),
    ['Jiří Řehoř', 'Šárka Žižková', 'Božena Němcová'],
  ],
  [
    'utf-16',
    'in network byte order',
    Buffer.from(`\uFEFF${czech}`, 'utf16le').swap16(),
    ['Jiří Řehoř', 'Šárka Žižková', 'Božena Němcová'],
  ],
];

async function namesOf(bytes: Buffer, encoding: Encoding): Promise<unknown[]> {
  const file = await openFile(await write('a.csv', bytes), { idTypes, encoding });
  return (await allOf(file.rows())).map((row) => row.ok && row.customer.attributes['name']);
}

describe.each(files)('an export in %s, %s', (encoding, _what, bytes, names) => {
  it('is refused with the encoding and three names as they look in it', async () => {
    const path = await write('a.csv', bytes);
    const refused = await openFile(path, { idTypes })
      .then(
        async (file) => allOf(file.rows()),
        (error: unknown) => error,
      )
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(EncodingError);
    expect(refused).toMatchObject({
      encoding,
      // The message may be stored; the names are for an operator.
      message: expect.not.stringContaining(String(names[0])) as string,
      statement: expect.stringMatching(
        `is not UTF-8\\. It is probably ${encoding}: ${names[0]}, .*, `,
      ) as string,
    });
  });

  it('is read in the confirmed encoding, compressed or not', async () => {
    expect(await namesOf(bytes, encoding)).toEqual(names);
    expect(await namesOf(gzipSync(bytes), encoding)).toEqual(names);
  });
});

describe('a confirmed encoding', () => {
  it('is refused for a file in UTF-8, whose letters would be decoded twice', async () => {
    const path = await write('a.csv', czech);
    await expect(openFile(path, { idTypes, encoding: 'windows-1250' })).rejects.toThrow(
      `${path} is UTF-8, not windows-1250. Start again without the encoding windows-1250.`,
    );
  });

  it('reads JSON Lines, too, and characters cut by chunks', async () => {
    const rows = Array.from({ length: 5000 }, (_, n) =>
      JSON.stringify({ registered: `c-${n}`, name: 'Žofie Řehořová' }),
    );
    for (const encoding of ['windows-1250', 'utf-16'] as const) {
      const names = await namesOf(iconv.encode(rows.join('\n'), encoding), encoding);
      expect(new Set(names)).toEqual(new Set(['Žofie Řehořová']));
      expect(names).toHaveLength(5000);
    }
  });

  it('rejects a row with a byte that the encoding does not have', async () => {
    const bytes = Buffer.concat([iconv.encode(czech, 'windows-1250'), Buffer.from('c-4;A\x81\n', 'latin1')]);
    const file = await openFile(await write('a.csv', bytes), { idTypes, encoding: 'windows-1250' });
    const last = (await allOf(file.rows())).at(-1);
    expect(last).toMatchObject({ ok: false, number: 4, failure: { code: 'ROW_DAMAGED' } });
  });
});

describe('a file that is no text', () => {
  it('is refused without an encoding', async () => {
    const path = await write('a.csv', Buffer.from('registered\nc-1\0\nc-2\n'));
    expect(await refusalOf(path)).toBe(
      `${path} is not a text file: it contains a NUL byte. Export it as CSV in UTF-8.`,
    );
  });
});
