/** Commands, options, settings and codes named in docs/operations.md exist. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import { flagOf, optionKeys } from '../../src/domain/campaigns/options/campaign-options.ts';
import { failureKinds } from '../../src/domain/failures/failure.ts';
import { alertCodes } from '../../src/domain/monitoring/overview.ts';

const page = readFileSync('docs/operations.md', 'utf8');
const commandLine = readdirSync('src/cli', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(`src/cli/${name}`, 'utf8'))
  .join('\n');

/** Returns the distinct matches. */
function found(pattern: RegExp): string[] {
  return [...new Set([...page.matchAll(pattern)].map(([, name = '']) => name))];
}

/** Returns true if the command is declared on its own, or as a key of a table of commands. */
function isDeclared(command: string): boolean {
  return new RegExp(`command\\('${command}[' ]|^ *\\['?${command}|^  ${command}: `, 'm').test(commandLine);
}

describe('docs/operations.md', () => {
  it('names existing commands', () => {
    const commands = found(/`passbridge ([a-z-]+)/g);
    expect(commands.length).toBeGreaterThan(10);
    expect(commands.filter((command) => !isDeclared(command))).toEqual([]);
  });

  it('names existing options', () => {
    const flags = new Set(optionKeys.map(flagOf));
    const isKnown = (flag: string) => flags.has(flag) || commandLine.includes(flag);
    expect(found(/(--[a-z-]+)/g).filter((flag) => !isKnown(flag))).toEqual([]);
  });

  it('names existing settings and codes', () => {
    const names = found(/`([A-Z][A-Z_]+[A-Z])(?:=\w+)?`/g);
    const known = new Set<string>([
      ...Object.keys(settings),
      ...Object.keys(failureKinds),
      ...alertCodes,
      'SIGTERM',
    ]);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('states the answer to a webhook that is not stored, and how many creates a killed worker leaves', () => {
    const answers = readFileSync('src/web/webhooks/answers.ts', 'utf8');
    const [, status] = /UNAVAILABLE: (\d+)/.exec(answers) ?? [];
    expect(page).toContain(`webhooks are answered with ${status}`);
    expect(page).toContain(`at most ${Number(settings.PASSMACHINE_MAX_IN_FLIGHT.defaultText)}.`);
  });
});
