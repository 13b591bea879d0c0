import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Key and how long it lives, of each row of a table whose rows begin so. */
function rowsOf(file: string, row: RegExp): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const cells =
        row
          .exec(line)?.[1]
          ?.split(' | ')
          .map((cell) => cell.trim()) ?? [];
      const [key = ''] = cells;
      return cells.length < 4 || key === 'key' || /^-+/.test(key) ? [] : [`${key}: ${cells.at(-1)}`];
    });
}

it('docs/security.md names every key of the ledger and how long it lives', () => {
  const inSource = rowsOf('src/ledger/keys.ts', /^ \* \| (.+?) *\|$/);
  const inDocs = rowsOf('docs/security.md', /^\| (`.+?) *\|$/).map((row) => row.replace(/^`(.+?)`/, '$1'));
  expect(inSource.length).toBeGreaterThan(40);
  expect(inDocs.filter((row) => inSource.includes(row))).toEqual(inSource);
});
