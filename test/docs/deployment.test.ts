/** What docs/deployment.md tells people to copy, start and set exists. */

import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settings } from '../../src/config/environment.ts';

const page = readFileSync('docs/deployment.md', 'utf8');
const found = (pattern: RegExp) => [
  ...new Set([...page.matchAll(pattern)].map(([, name = '']) => name.replace(/\.$/, ''))),
];

it('names files of this repository', () => {
  const files = found(/(?:^|[\s(/])((?:deploy|examples|docs)\/[\w./@-]+)/gm);
  expect(files.length).toBeGreaterThan(4);
  const beside = found(/\]\(([a-z-]+\.md)/g).map((name) => `docs/${name}`);
  expect([...files, ...beside].filter((name) => !existsSync(name.replace(/\*.*$/, '')))).toEqual([]);
});

it('names settings that there are', () => {
  const names = found(/`([A-Z][A-Z_]+[A-Z])`/g);
  expect(names.length).toBeGreaterThan(4);
  expect(
    names.filter((name) => ![...Object.keys(settings), 'SIGTERM', 'SIGINT', 'BGSAVE'].includes(name)),
  ).toEqual([]);
});
