/** The previous commit, built from git: the version that a rolling upgrade replaces. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { DATA_VERSION } from '../../src/ledger/data-version.ts';

/** Files needed to build and run passbridge. */
const PARTS = ['src', 'assets', 'examples', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

const git = (...args: readonly string[]) =>
  execFileSync('git', args, { stdio: ['ignore', 'pipe', 'ignore'] });

/** Undefined without history, after a shallow clone, and if the previous commit has other packages or another data version. */
export const previousCommit = (() => {
  try {
    git('diff', '--quiet', 'HEAD^', '--', 'package-lock.json');
    const version = git('show', 'HEAD^:src/ledger/data-version.ts').toString();
    if (!version.includes(`DATA_VERSION = ${DATA_VERSION};`)) return undefined;
    return git('rev-parse', '--short', 'HEAD^').toString().trim();
  } catch {
    return undefined;
  }
})();

/** Builds a commit with the packages installed here; returns the path of its command line. */
export function buildPrevious(commit: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-previous-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const archive = execFileSync('git', ['archive', commit, ...PARTS], { maxBuffer: 64_000_000 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { cwd: folder, stdio: 'pipe' });
  return join(folder, 'dist', 'main.js');
}
