/**
 * How fast passbridge is beside others who do the same work, what it costs, and how soon it goes on
 * after a crash. What is measured and how is told in docs/performance.md, which `--write` writes.
 * Linux only (reads /proc).
 *
 *     npm run bench -- --quick
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runChapters } from './bench/chapters.mjs';
import { describeMachine, load } from './bench/machine.mjs';
import { readOptions } from './bench/options.mjs';
import { performancePage } from './bench/performance-page.mjs';

const args = process.argv.slice(2);
const options = readOptions(args);
const startedAt = new Date();
const loadBefore = load();
// Before anything is measured: a file that is not there is no reason to lose a run.
const earlier = options.onto === undefined ? undefined : JSON.parse(await readFile(options.onto, 'utf8'));
const found = await runChapters(options, (line) => process.stdout.write(`${line}\n`));
const run = {
  date: startedAt.toISOString(),
  minutes: (Date.now() - startedAt.getTime()) / 60_000,
  command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  quick: options.quick,
  rounds: options.rounds,
  machine: describeMachine(),
  loadBefore,
  ...found,
};
const results = earlier === undefined ? run : renewed(earlier, run, found);
await mkdir(dirname(options.json), { recursive: true });
await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
process.stdout.write(`\n${run.minutes.toFixed(1)} minutes; all figures are in ${options.json}\n`);
if (options.write) await writeFile('docs/performance.md', performancePage(results));

/** An earlier run, with what was found since in place of its own; it says so. */
function renewed(before, { date, command }, since) {
  const { chapters } = options;
  return { ...before, ...since, renewals: [...(before.renewals ?? []), { chapters, date, command }] };
}
