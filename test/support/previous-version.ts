/** The commit before this one, built out of git: what a rolling upgrade finds running. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

/** What a running process is made of. */
const PARTS = ['src', 'assets', 'examples', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

const git = (...args: readonly string[]) =>
  execFileSync('git', args, { stdio: ['ignore', 'pipe', 'ignore'] });

/** Absent in a download without history, in a clone of its last commit alone, and where its packages were others. */
export const previousCommit = (() => {
  try {
    git('diff', '--quiet', 'HEAD^', '--', 'package-lock.json');
    return git('rev-parse', '--short', 'HEAD^').toString().trim();
  } catch {
    return undefined;
  }
})();

/** The path of its command line. It runs on the packages that are installed here. */
export function buildPrevious(commit: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-previous-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const archive = execFileSync('git', ['archive', commit, ...PARTS], { maxBuffer: 64_000_000 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { cwd: folder, stdio: 'pipe' });
  return join(folder, 'dist', 'main.js');
}
