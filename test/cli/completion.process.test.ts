/** `passbridge completion`: the scripts in the shells themselves. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'passbridge-completion-'));
const scriptOf = (shell: string) => join(folder, `passbridge.${shell}`);
const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;

beforeAll(() => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const script = execFileSync(process.execPath, [resolve('dist/main.js'), 'completion', shell]);
    writeFileSync(scriptOf(shell), script);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A line as it is typed, with the cursor at its end, and some of the words that must be offered. */
const lines: [line: string, words: string[], not: string[]][] = [
  ['passbridge re', ['resume', 'retry', 'resolve', 'results', 'reissue'], ['status']],
  ['passbridge up --role w', ['web', 'worker'], ['feeder']],
  ['passbridge schedules ', ['list', 'next', 'run'], ['up']],
  ['passbridge schedules next --', ['--count', '--json'], ['--reason']],
  ['passbridge issue --dry-run loyalty export.csv --can', ['--canary'], ['--dry-run']],
  ['passbridge operators add alice --role ', ['viewer', 'admin'], ['worker']],
  ['passbridge completion ', ['bash', 'zsh', 'fish'], ['up']],
];

/** Returns the expected words that are offered, and those that must not be. */
function relevant(offered: readonly string[], words: readonly string[], not: readonly string[]): string[] {
  return [...words, ...not].filter((word) => offered.includes(word));
}

describe.each(lines)('%s', (line, words, not) => {
  it('is completed by bash', () => {
    const program = `source "$1"; COMP_WORDS=($2); [[ $2 == *' ' ]] && COMP_WORDS+=('');
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _passbridge; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const offered = execFileSync('bash', ['-c', program, 'bash', scriptOf('bash'), line], {
      encoding: 'utf8',
    });
    expect(relevant(offered.trim().split('\n'), words, not)).toEqual(words);
  });

  it.skipIf(!has('fish'))('is completed by fish', () => {
    const program = `source ${scriptOf('fish')}; complete -C '${line}'`;
    const offered = execFileSync('fish', ['--no-config', '-c', program], { encoding: 'utf8' });
    const found = offered.split('\n').map((one) => one.split('\t', 1).join());
    expect(relevant(found, words, not)).toEqual(words);
  });
});

it('completes a file after the program', () => {
  const program = `source "$1"; COMP_WORDS=(passbridge issue loyalty ''); COMP_CWORD=3; _passbridge
    echo "\${#COMPREPLY[@]}"; complete -p passbridge`;
  const offered = execFileSync('bash', ['-c', program, 'bash', scriptOf('bash')], { encoding: 'utf8' });
  // With no word of its own, bash completes files.
  expect(offered).toMatch(/^0\ncomplete -o default -F _passbridge passbridge/);
});

it.skipIf(!has('zsh'))('is valid for zsh, with its reserved names', () => {
  expect(spawnSync('zsh', ['-f', '-n', scriptOf('zsh')], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});
