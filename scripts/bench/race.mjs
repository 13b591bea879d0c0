/**
 * Measures how fast passbridge is compared with other queues that do the same work, what it costs, and how soon it
 * continues after a crash. docs/performance.md, which `--write` writes, explains the figures. Linux only (reads /proc).
 *
 *     npm run bench -- race --quick
 */

import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError, wholeNumber } from './commands.mjs';
import { contestants, limit } from './contestants.mjs';
import { runRace } from './contest.mjs';
import { measureFeed } from './feed.mjs';
import { describeMachine, load } from './machine.mjs';
import { performancePage } from './performance-page.mjs';
import { measureRecovery } from './recovery.mjs';
import { standingsOf } from './standings.mjs';
import { feedTable, raceTable, recoveryTable, webhooksTable } from './tables.mjs';
import { measureWebhooks } from './webhooks.mjs';

const QUICK_SHARE = 0.25;

const runChapter = { race, feed, webhooks, recovery };

/** Runs the chosen chapters, writes their figures as JSON and, with `--write`, the page. */
export async function run(values) {
  const options = readOptions(values);
  const args = process.argv.slice(2);
  // Read first, so that a missing file does not cost a run.
  const earlier = options.onto === undefined ? undefined : JSON.parse(await readFile(options.onto, 'utf8'));
  installContestants();
  const startedAt = new Date();
  const loadBefore = load();
  const found = {};
  for (const chapter of options.chapters) Object.assign(found, await runChapter[chapter](options));
  const result = {
    date: startedAt.toISOString(),
    minutes: (Date.now() - startedAt.getTime()) / 60_000,
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    quick: options.quick,
    rounds: options.rounds,
    machine: describeMachine(),
    loadBefore,
    ...found,
  };
  const results = earlier === undefined ? result : updated(earlier, result, found, options.chapters);
  await mkdir(dirname(options.json), { recursive: true });
  await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
  print(`\n${result.minutes.toFixed(1)} minutes; all figures are in ${options.json}`);
  if (options.write) await writeFile('docs/performance.md', performancePage(results));
}

/** Returns the options of the race, or throws a UsageError. */
export function readOptions({ quick, json, onto, write, only, chapters, latency, rounds }) {
  const names = contestants.map(({ name }) => name);
  const chosen = knownOf('--only', only?.split(',') ?? names, names);
  const known = Object.keys(runChapter);
  return {
    quick,
    json,
    onto,
    write,
    chapters: knownOf('--chapters', chapters?.split(',') ?? known, known),
    // Everything is compared with *limit*.
    contestants: contestants.filter(({ name }) => name === limit.name || chosen.includes(name)),
    latencies: (latency ?? (quick ? '0,20' : '0,2,20,100'))
      .split(',')
      .map((text) => wholeNumber('--latency', text, 0)),
    rounds: wholeNumber('--rounds', rounds ?? (quick ? '1' : '5'), 1),
  };
}

function knownOf(option, given, known) {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return given;
  throw new UsageError(`${option}: "${unknown}" is unknown. Use ${known.join(', ')}.`);
}

/** Installs the packages of the contestants, which `npm ci` does not. */
function installContestants() {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const args = ['ci', '--silent', '--prefer-offline', '--ignore-scripts', '--prefix', folder];
  execFileSync('npm', args, { stdio: 'inherit' });
}

async function race({ contestants: chosen, latencies, rounds, quick }) {
  // Loaded after the installation of its package.
  const { findPostgres } = await import('./brokers/postgres.mjs');
  const hasPostgres = (await findPostgres()) !== undefined;
  const absent = chosen.filter(({ broker }) => broker === 'postgres' && !hasPostgres);
  for (const { name } of absent) print(`${name} is skipped: PostgreSQL (initdb, postgres) is not installed`);
  const present = chosen.filter((contestant) => !absent.includes(contestant));
  const runs = await runRace(
    { contestants: present, latencies, rounds, share: quick ? QUICK_SHARE : 1 },
    ({ contestant, latencyMs, round, figures, problem }) => {
      const result = problem ?? `${Math.round(figures.callsPerSecond)} calls/s`;
      print(`round ${round + 1}, ${latencyMs} ms, ${contestant}: ${result}`);
    },
  );
  const standings = standingsOf(runs, present, latencies);
  for (const { latencyMs, standings: rows } of standings) {
    print(`\nLatency ${latencyMs} ms\n\n${raceTable(rows)}`);
  }
  return { runs, standings, absent: absent.map(({ name }) => name) };
}

async function feed({ quick }) {
  const feeds = [];
  for (const rows of [10_000, 1_000_000]) feeds.push(await measureFeed({ rows, seconds: quick ? 12 : 30 }));
  print(`\nStart of a campaign\n\n${feedTable(feeds)}`);
  return { feeds };
}

async function webhooks({ quick }) {
  const intake = await measureWebhooks(quick ? 10 : 20);
  print(`\nWebhooks\n\n${webhooksTable(intake)}`);
  return { intake };
}

async function recovery({ contestants: chosen, rounds, quick }) {
  const recoveries = [];
  for (const contestant of chosen) {
    for (const { signal, maxAttempts } of contestant.recovers ?? []) {
      if (quick && maxAttempts === 1) continue;
      const attempts = [];
      while (attempts.length < Math.min(rounds, maxAttempts))
        attempts.push(await measureRecovery(contestant, signal));
      recoveries.push({ name: contestant.name, signal, attempts });
    }
  }
  print(`\nRecovery\n\n${recoveryTable(recoveries)}`);
  return { recoveries };
}

/** Replaces chapters of an earlier run by new ones and records when. */
function updated(earlier, { date, command }, found, chapters) {
  return { ...earlier, ...found, updates: [...(earlier.updates ?? []), { chapters, date, command }] };
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
