/** docs/several-machines.md states the numbers of the code and of the tests that it quotes. */

import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { liveness } from '../../src/queue/names.ts';
import { ROWS } from '../support/failover.ts';

it('docs/several-machines.md quotes existing tests with their numbers', () => {
  const page = readFileSync('docs/several-machines.md', 'utf8').replaceAll(/\s+/g, ' ');
  const tests = [...page.matchAll(/`([\w/-]+\.process\.test\.ts)`/g)].map(([, name = '']) => name);
  expect(tests.length).toBeGreaterThan(3);
  const missing = tests.filter((name) => !existsSync(name) && !existsSync(`test/integration/${name}`));
  expect(missing).toEqual([]);
  expect(page).toContain(`campaigns of ${ROWS.toLocaleString('en')} rows`);
  expect(page).toContain(`permits expires (${liveness.lockDuration / 1000} s)`);
});
