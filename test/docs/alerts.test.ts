import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { alertCodes } from '../../src/domain/monitoring/overview.ts';

it('docs/alerts.md lists every alert code', () => {
  const codes = [...readFileSync('docs/alerts.md', 'utf8').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(
    ([, code]) => code,
  );
  expect(new Set(codes)).toEqual(new Set<string>(alertCodes));
});
