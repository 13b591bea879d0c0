/**
 * Fails if a tracked file contains a retired word and prints the term to use instead:
 * `src/a.ts:12: "…" is retired; use import batch`. Part of `npm run check`.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { findRetiredWords } from './vocabulary/find-retired-words.mjs';

const CHECKED = [
  'src',
  'test',
  'scripts',
  'docs',
  'deploy',
  'examples',
  'schema',
  'assets',
  'README.md',
  'CONTRIBUTING.md',
  'package.json',
  'Dockerfile',
  'compose.yaml',
  'compose.rehearsal.yaml',
  'ecosystem.config.cjs',
  '.env.example',
];
/** The list of retired words, its tests, and files without prose. */
const EXEMPT = [
  /^scripts\/vocabulary\//,
  /^test\/(scripts\/check-vocabulary|browser\/crawl)\.test\.ts$/,
  /retired-names?(\.test)?\.ts$/,
  /\.(png|csv|svg)$/,
  /package-lock\.json$/,
];

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...CHECKED], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => existsSync(file) && !EXEMPT.some((pattern) => pattern.test(file)));
const findings = files.flatMap((file) => findRetiredWords(file, readFileSync(file, 'utf8')));
for (const { location, found, use } of findings) {
  process.stderr.write(`${location}: "${found}" is retired; use ${use}\n`);
}
if (findings.length > 0) {
  process.stderr.write(`${findings.length} retired words. docs/glossary.md explains each term.\n`);
  process.exitCode = 1;
}
