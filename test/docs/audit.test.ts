/** docs/audit.md lists every audited action, and the commands in its table take --reason. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync('docs/audit.md', 'utf8');

/** Returns the members of the type AuditedAction, e.g. `campaign.start`. */
function auditedActions(): string[] {
  const source = readFileSync('src/domain/operators/audit-entry.ts', 'utf8');
  const [, type = ''] = /type AuditedAction =([^;]+);/.exec(source) ?? [];
  const grouped = [...type.matchAll(/`(\w+)\.\$\{([^}]+)\}`/g)].flatMap(([, subject, verbs = '']) =>
    [...verbs.matchAll(/'([\w-]+)'/g)].map(([, verb]) => `${subject}.${verb}`),
  );
  return [...grouped, ...[...type.matchAll(/'(\w+\.[\w-]+)'/g)].map(([, action = '']) => action)];
}

it('docs/audit.md lists every audited action', () => {
  const listed = [...page.matchAll(/^\| (`\w+\..+?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, action = '']) => action),
  );
  expect(auditedActions().length).toBeGreaterThan(10);
  expect(listed.toSorted()).toEqual(auditedActions().toSorted());
});

it.each([
  'campaign-flags',
  'commands/campaign-control',
  'commands/limits',
  'commands/schedules',
  'commands/resolve',
  'commands/retry',
  'commands/operators',
  'commands/forget',
])('src/cli/%s.ts takes --reason', (file) => {
  expect(page).toContain('All commands in the table take `--reason`');
  expect(readFileSync(`src/cli/${file}.ts`, 'utf8')).toContain("'--reason <text>'");
});
