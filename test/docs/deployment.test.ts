/** Files and settings named in docs/deployment.md exist. */

import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import { alertCodes } from '../../src/domain/monitoring/overview.ts';

const page = readFileSync('docs/deployment.md', 'utf8');
const found = (pattern: RegExp) => [
  ...new Set([...page.matchAll(pattern)].map(([, name = '']) => name.replace(/\.$/, ''))),
];

it('names existing files', () => {
  const files = found(/(?:^|[\s(/])((?:deploy|examples|docs)\/[\w./@-]+)/gm);
  expect(files.length).toBeGreaterThan(4);
  const pages = found(/\]\(([a-z-]+\.md)/g).map((name) => `docs/${name}`);
  expect([...files, ...pages].filter((name) => !existsSync(name.replace(/\*.*$/, '')))).toEqual([]);
});

it('names existing settings', () => {
  const names = found(/`([A-Z][A-Z_]+[A-Z])`/g);
  expect(names.length).toBeGreaterThan(4);
  const known = new Set<string>([...Object.keys(settings), ...alertCodes, 'SIGTERM', 'SIGINT', 'BGSAVE']);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

it('states the defaults and sizes of the code', () => {
  const oneLine = page.replaceAll(/\s+/g, ' ');
  const graceSeconds = Number(settings.SHUTDOWN_GRACE_MS.defaultText) / 1000;
  expect(oneLine).toContain(`within \`SHUTDOWN_GRACE_MS\` (${graceSeconds} s)`);
  expect(oneLine).toContain(`\`TRACE_PERCENT\` of the jobs (${settings.TRACE_PERCENT.defaultText})`);
  expect(oneLine).toContain(`(\`CARD_TTL_DAYS\`, ${settings.CARD_TTL_DAYS.defaultText} days)`);
  expect(page).toContain(
    `/passbridge:${(JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version} `,
  );
  const measured = readFileSync('test/ledger/memory.process.test.ts', 'utf8');
  const [withoutIndex, withIndex] = [...measured.matchAll(/toBeLessThanOrEqual\((\d+)\)/g)].map(
    ([, bytes]) => bytes,
  );
  expect(page).toContain(`at most ${withIndex} bytes; ${withoutIndex} bytes with \`CUSTOMER_INDEX=off\``);
});
