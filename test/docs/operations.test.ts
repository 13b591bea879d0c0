/** What docs/operations.md tells people to type exists. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import { flagOf, optionKeys } from '../../src/domain/campaigns/options/campaign-options.ts';
import { failureKinds } from '../../src/domain/failures/failure.ts';

const page = readFileSync('docs/operations.md', 'utf8');
const commandLine = readdirSync('src/cli', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(`src/cli/${name}`, 'utf8'))
  .join('\n');

/** Each once. */
function found(pattern: RegExp): string[] {
  return [...new Set([...page.matchAll(pattern)].map(([, name = '']) => name))];
}

/** By itself, or as a key of those that are declared together. */
function isDeclared(command: string): boolean {
  return new RegExp(`command\\('${command}[' ]|^ *\\['?${command}|^  ${command}: `, 'm').test(commandLine);
}

describe('docs/operations.md', () => {
  it('names commands that there are', () => {
    const commands = found(/passbridge ([a-z-]+)/g);
    expect(commands.length).toBeGreaterThan(10);
    expect(commands.filter((command) => !isDeclared(command))).toEqual([]);
  });

  it('names options that there are', () => {
    const flags = new Set(optionKeys.map(flagOf));
    const isKnown = (flag: string) => flags.has(flag) || commandLine.includes(flag);
    expect(found(/(--[a-z-]+)/g).filter((flag) => !isKnown(flag))).toEqual([]);
  });

  it('names settings and codes that there are', () => {
    const names = found(/`([A-Z][A-Z_]+[A-Z])(?:=\w+)?`/g);
    const known = new Set([...Object.keys(settings), ...Object.keys(failureKinds), 'SIGTERM']);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});
