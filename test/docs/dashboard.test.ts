import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { exclusionReasons } from '../../src/domain/failures/bulk-action.ts';
import { operatorRoles } from '../../src/domain/operators/operator.ts';
import { IDLE_MS } from '../../src/web/auth/session-store.ts';

const page = readFileSync('docs/dashboard.md', 'utf8');

it('docs/dashboard.md states the roles and the lifetime of a session', () => {
  expect(page).toContain(`| | ${operatorRoles.map((role) => `\`${role}\``).join(' | ')} |`);
  expect(page).toContain(`after ${IDLE_MS / 3_600_000} hours without a request`);
});

it('docs/dashboard.md explains why a failure is excluded', () => {
  const reasons = [...page.matchAll(/^\| `([a-z-]+)` \| [a-z]/gm)].map(([, reason = '']) => reason);
  expect(reasons.toSorted()).toEqual(Object.keys(exclusionReasons).toSorted());
});
