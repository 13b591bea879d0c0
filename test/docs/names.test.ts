/** The settings, codes, commands and flags that the pages for users mention exist. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { questions } from '../../src/cli/prompt/init-questions.ts';
import { settings } from '../../src/config/environment.ts';
import { flagOf, optionKeys } from '../../src/domain/campaigns/options/campaign-options.ts';
import { failureKinds } from '../../src/domain/failures/failure.ts';
import { alertCodes } from '../../src/domain/monitoring/overview.ts';
import { storeFailures } from '../../src/sources/remote/store-error.ts';

const pages = [
  'alerts',
  'architecture',
  'audit',
  'bloomreach-export',
  'campaigns',
  'dashboard',
  'first-run',
  'import-preset',
  'large-campaigns',
  'migrate-from-scenario-webhooks',
  'schedules',
  'security',
  'several-machines',
  'sources',
  'templates',
  'webhooks',
];

const textOf = (page: string) => readFileSync(`docs/${page}.md`, 'utf8');

const sourcesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');

const commandLine = sourcesIn('src/cli');

const codes = new Set<string>([
  ...Object.keys(settings),
  ...Object.keys(failureKinds),
  ...Object.keys(storeFailures),
  ...alertCodes,
  ...[...sourcesIn('src/web/webhooks').matchAll(/'([A-Z]+_?[A-Z]+)'/g)].map(([, code = '']) => code),
  ...[...readFileSync('src/kit/user-error.ts', 'utf8').matchAll(/'([A-Z_]+)'/g)].map(([, code = '']) => code),
  // Of Redis and Node.
  'WAIT',
  'NODE_EXTRA_CA_CERTS',
  // Placeholders.
  'NOTIFICATION',
  'VOUCHER',
  'UNIX',
  '_SUCCESS',
]);

const flags = new Set([
  ...optionKeys.map(flagOf),
  ...questions.map(({ name }) => `--${name}`),
  ...(commandLine.match(/--[a-z][a-z-]+/g) ?? []),
]);

/** Returns each match of the pattern's group once. */
function found(page: string, pattern: RegExp): string[] {
  return [...new Set([...textOf(page).matchAll(pattern)].map(([, name = '']) => name))];
}

function isDeclared(command: string): boolean {
  return new RegExp(`command\\('${command}[' ]|^ *\\['?${command}|^  '?${command}'?: `, 'm').test(
    commandLine,
  );
}

describe.each(pages)('docs/%s.md', (page) => {
  it('names settings and codes that exist', () => {
    const names = found(page, /`([A-Z_]{2,}[A-Z])(?:=[^`]*)?`/g);
    expect(names.filter((name) => !codes.has(name))).toEqual([]);
  });

  it('names flags that exist', () => {
    expect(found(page, /(?<![\w-])(--[a-z][a-z-]+)/g).filter((flag) => !flags.has(flag))).toEqual([]);
  });

  it('names commands that exist', () => {
    const commands = found(page, /(?:npx |`)passbridge ([a-z-]+)/g);
    expect(commands.filter((command) => !isDeclared(command))).toEqual([]);
  });
});
