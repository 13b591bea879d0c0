import { rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../src/sources/open-file.ts';
import { allOf } from './all-of.ts';
import { makeFileWriter } from './written-file.ts';

const write = makeFileWriter();
const idTypes = ['registered'];

/** Enough rows for many chunks of 64 KB. */
const MANY = 20_000;
const ids = Array.from({ length: MANY }, (_, i) => `c-${i + 1}`);
const fields = [
  { type: 'id', id: 'registered' },
  { type: 'property', property: 'name' },
];
const texts = {
  csv: `registered,name\n${ids.map((id) => `${id},Žofie\n`).join('')}`,
  'JSON Lines': ids.map((registered) => `${JSON.stringify({ registered, name: 'Žofie' })}\n`).join(''),
  native_json: JSON.stringify({ success: true, fields, data: ids.map((id) => [id, 'Žofie']) }),
};
const formats = Object.entries(texts).flatMap(([format, text]): [string, string | Uint8Array][] => [
  [format, text],
  [`gzip of ${format}`, gzipSync(text, { level: 0 })],
]);

const CHANGED =
  ' was changed since it was first read. Put the old file back with its modification time (mv, cp -p) and resume, or start again with this file.';
const GONE =
  ' was moved or deleted since it was first read. Put it back and resume, or start again with another file.';

/** Reads a file that is damaged after the first chunk. Returns the row numbers read, and the error. */
async function readDuring(path: string, damage: () => Promise<unknown>) {
  const file = await openFile(path, { idTypes });
  const numbers: number[] = [];
  let isDamaged = false;
  try {
    for await (const chunk of file.rows()) {
      numbers.push(...chunk.map(({ number }) => number));
      if (!isDamaged) await damage();
      isDamaged = true;
    }
  } catch (error) {
    return { numbers, message: (error as Error).message, name: (error as Error).name };
  }
  throw new Error('it was read to its end');
}

describe.each(formats)('%s', (_, content) => {
  it.each([
    ['is truncated', (path: string) => truncate(path, 200_000), CHANGED],
    ['is emptied', (path: string) => truncate(path, 0), CHANGED],
    ['is written over', (path: string) => writeFile(path, content.slice(0, 300_000)), CHANGED],
    ['is deleted', (path: string) => rm(path), GONE],
    ['is moved away', (path: string) => rename(path, `${path}.old`), GONE],
  ])(
    'that %s during the read ends with an error, without a row of another file',
    async (_what, damage, message) => {
      const path = await write('damaged', content);
      const read = await readDuring(path, () => damage(path));
      expect(read).toMatchObject({ message: `${path}${message}`, name: 'SourceError' });
      expect(read.numbers).toEqual(Array.from({ length: read.numbers.length }, (__, i) => i + 1));
      expect(read.numbers.length).toBeLessThan(MANY);
    },
  );
});

it('refuses a file that was truncated after its last chunk', async () => {
  const path = await write('short.csv', 'registered\nc-1\nc-2\n');
  const read = await readDuring(path, () => truncate(path, 15));
  expect(read.message).toBe(`${path}${CHANGED}`);
});

describe('the fingerprint', () => {
  it('consists of size and time, and a file with another one is refused', async () => {
    const path = await write('print.csv', texts.csv);
    const { size, mtimeMs } = await stat(path);
    const { fingerprint } = await openFile(path, { idTypes });
    expect(fingerprint).toEqual({ size, mtimeMs });
    const file = await openFile(path, { idTypes, fingerprint });
    expect(await allOf(file.rows())).toHaveLength(MANY);

    await utimes(path, 1, 1);
    await expect(allOf(file.rows())).rejects.toThrow(`${path}${CHANGED}`);
    await expect(openFile(path, { idTypes, fingerprint })).rejects.toThrow(`${path}${CHANGED}`);
    await rm(path);
    await expect(openFile(path, { idTypes, fingerprint })).rejects.toThrow(`${path}${GONE}`);
  });
});
