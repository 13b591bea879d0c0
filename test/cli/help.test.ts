/** The help of the command line: its groups, and its examples, whose commands and flags exist. */

import { expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/command-line.ts';
import { examplesOf } from '../../src/cli/command-examples.ts';
import { type CompletedCommand, commandTree } from '../../src/cli/completion/command-tree.ts';

const program = buildProgram(() => {});
const tree = commandTree(program);

it('lists every command below the heading of what it is for', () => {
  const help = program.helpInformation();
  const headings = [...help.matchAll(/^(\S.*):$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([
    'Options',
    'Set up',
    'Campaigns',
    'Failures and customers',
    'Services',
    'Administration',
  ]);
  for (const { name } of program.commands.map((command) => ({ name: command.name() })))
    expect(help).toMatch(new RegExp(`^  ${name}[ \\n]`, 'm'));
});

it('keeps the options of a campaign apart from those of the command', () => {
  const issue = program.commands.find((command) => command.name() === 'issue');
  expect(issue?.helpInformation()).toMatch(/^Options:\n[^]*--dry-run[^]*^Campaign options:\n[^]*--canary/m);
});

/** Returns the command that a line runs: the longest path that its words begin with. */
function commandOf(words: readonly string[]): CompletedCommand | undefined {
  return tree.findLast(({ path }) => path !== '' && ` ${words.join(' ')} `.startsWith(` ${path} `));
}

it.each(program.commands.map((command) => command.name()))('%s has examples that it accepts', (name) => {
  const lines = examplesOf(name);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    const [, typed = ''] = /\bpassbridge ([^|<>)]*)/.exec(line) ?? [];
    const words = typed.trim().split(/\s+/);
    expect(words[0]).toBe(name);
    const command = commandOf(words);
    const isDefault = command?.path === name && command.commands.length > 0;
    const flags = new Set(
      tree
        .filter(({ path }) => path === command?.path || (isDefault && path.startsWith(`${name} `)))
        .flatMap(({ flags: own }) => own.map(({ name: flag }) => flag)),
    );
    const used = words.filter((word) => word.startsWith('--'));
    expect([line, used.filter((flag) => !flags.has(flag))]).toEqual([line, []]);
  }
});

it('prints JSON from every command that reports', () => {
  const silent = new Set([
    // They ask, serve, or print a format of their own.
    'init',
    'import-preset',
    'demo',
    'sandbox',
    'completion',
    'up',
    'restore',
    'results',
    // They confirm in a sentence what was changed.
    'operators add',
    'operators remove',
    'schedules run',
    'schedules skip',
    'schedules enable',
    'schedules disable',
  ]);
  const without = tree
    .filter(
      ({ path, commands, flags }) =>
        path !== '' && commands.length === 0 && !flags.some(({ name }) => name === '--json'),
    )
    .map(({ path }) => path);
  expect(without.filter((path) => !silent.has(path))).toEqual([]);
});
