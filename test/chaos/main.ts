/**
 * `npm run chaos`: plays every scenario in rounds with increasing seeds for the given time, and writes the
 * scorecard. Exits with 1 if any invariant was violated.
 */

import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { playScenario, type Result, type Scenario } from './scenario.ts';
import { formatResult, scorecard } from './scorecard.ts';
import { scenarios } from './scenarios/all.ts';

const USAGE = `npm run chaos -- [options]

  --minutes N      how long to run; every scenario is played at least once (default 0)
  --seed N         seed of the first round; each round adds 1 (default: random)
  --only TEXT      the scenario named TEXT, or those whose name contains it; writes no scorecard
  --size SIZE      full (default), or short as in the tests; short writes no scorecard
  --rounds N       plays every scenario N times, side by side (default 1)
  --concurrency N  number of scenarios at a time (default 4)
`;

interface Play {
  scenario: Scenario;
  /** Added to the seed. */
  nth: number;
}

const isAlone = ({ scenario }: Play) => scenario.alone === true;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    only: { type: 'string', default: '' },
    size: { type: 'string', default: 'full' },
    rounds: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '4' },
    help: { type: 'boolean', default: false },
  },
});
const { only } = values;
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const rounds = Number(values.rounds);
const concurrency = Number(values.concurrency);
const size = values.size === 'short' ? 'short' : 'full';
const named = scenarios.filter(({ name }) => name === only);
const chosen = named.length > 0 ? named : scenarios.filter(({ name }) => name.includes(only));

if (
  values.help ||
  chosen.length === 0 ||
  !(minutes >= 0) ||
  !Number.isInteger(seed) ||
  !(rounds >= 1) ||
  !(concurrency >= 1)
) {
  process.stderr.write(chosen.length === 0 ? `No scenario has a name that contains "${only}".\n` : USAGE);
  process.exit(2);
}

const results: Result[] = [];
const startedAt = performance.now();
const elapsedMs = () => performance.now() - startedAt;
let maxRoundMs = 0;
for (let round = 0; round === 0 || elapsedMs() + maxRoundMs <= minutes * 60_000; round += rounds) {
  const roundStartedAt = elapsedMs();
  const play = async ({ scenario, nth }: Play) => {
    const result = await playScenario(scenario, seed + round + nth, size);
    results.push(result);
    process.stdout.write(`${formatResult(result, size)}\n`);
  };
  const plays = Array.from({ length: rounds }, (_, nth) =>
    chosen.map((scenario) => ({ scenario, nth })),
  ).flat();
  await playAll(plays.filter(isAlone), 1, play);
  await playAll(
    plays.filter((one) => !isAlone(one)),
    concurrency,
    play,
  );
  maxRoundMs = Math.max(maxRoundMs, elapsedMs() - roundStartedAt);
}

const failed = results.filter(({ problems }) => problems.length > 0).length;
process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
if (only === '' && size === 'full') {
  const page = scorecard({
    scenarios,
    results,
    minutes,
    machine: `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'processor'}`,
    date: new Date().toISOString().slice(0, 10),
  });
  await writeFile('docs/chaos-scorecard.md', page);
  process.stdout.write('Wrote docs/chaos-scorecard.md.\n');
}
process.exitCode = failed > 0 ? 1 : 0;

/** Plays the scenarios in order, up to `limit` at a time. */
async function playAll(
  list: readonly Play[],
  limit: number,
  play: (one: Play) => Promise<void>,
): Promise<void> {
  const remaining = [...list];
  const playRemaining = async () => {
    for (let next = remaining.shift(); next !== undefined; next = remaining.shift()) await play(next);
  };
  await Promise.all(Array.from({ length: limit }, playRemaining));
}
