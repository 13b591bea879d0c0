/** The planted bugs fit the code: a patch whose text has changed would plant nothing. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { invariants } from './checker.ts';
import { mutants } from './mutants/all.ts';

it.each(mutants)('the bug "$name" can be planted in $file', ({ file, find, replace }) => {
  const parts = readFileSync(`src/${file}`, 'utf8').split(find);
  expect([parts.length - 1, replace === find]).toEqual([1, false]);
});

it('every planted bug has a name of its own', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});

it('docs/proof.md lists every planted bug and every invariant', () => {
  const page = readFileSync('docs/proof.md', 'utf8');
  const rows = [...page.matchAll(/^\| ([^|]+) \| `([^`]+)` \| [^|]+ \| [>\d ]+ \|$/gm)];
  expect(rows.map(([, name, file]) => [name, file])).toEqual(mutants.map(({ name, file }) => [name, file]));
  for (const [name, meaning] of Object.entries(invariants))
    expect(page).toContain(`| ${name} | ${meaning} |`);
});
