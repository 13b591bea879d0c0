/**
 * `npm run chaos`: plays every scenario, round after round with new seeds, for as long as it was
 * told, and writes the scorecard. Exit code 1 where a single problem was found.
 */

import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { inLanes } from './lanes.ts';
import { play, type Result, type Scenario } from './scenario.ts';
import { describe, scorecard } from './scorecard.ts';
import { scenarios } from './scenarios/all.ts';

const USAGE = `npm run chaos -- [options]

  --minutes N   how long; every scenario is played once at least (default 0)
  --seed N      seed of the first round, the next ones count up (default: drawn)
  --only TEXT   scenarios whose name contains this; no scorecard is written
  --size SIZE   full (default) or short, as in the tests; short writes no scorecard
  --lanes N     scenarios at once (default 4)
`;

const isAlone = ({ alone }: Scenario) => alone === true;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    only: { type: 'string', default: '' },
    size: { type: 'string', default: 'full' },
    lanes: { type: 'string', default: '4' },
    help: { type: 'boolean', default: false },
  },
});
const { only } = values;
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const lanes = Number(values.lanes);
const size = values.size === 'short' ? 'short' : 'full';
const chosen = scenarios.filter(({ name }) => name.includes(only));

if (values.help || chosen.length === 0 || !(minutes >= 0) || !Number.isInteger(seed) || !(lanes >= 1)) {
  process.stderr.write(chosen.length === 0 ? `no scenario is called ${only}\n` : USAGE);
  process.exit(2);
}

const results: Result[] = [];
const startedAt = performance.now();
const elapsedMs = () => performance.now() - startedAt;
let longestRoundMs = 0;
for (let round = 0; round === 0 || elapsedMs() + longestRoundMs <= minutes * 60_000; round += 1) {
  const roundAt = elapsedMs();
  const playNext = async (scenario: Scenario) => {
    const result = await play(scenario, seed + round, size);
    results.push(result);
    process.stdout.write(`${describe(result, size)}\n`);
  };
  await inLanes(chosen.filter(isAlone), 1, playNext);
  await inLanes(
    chosen.filter((scenario) => !isAlone(scenario)),
    lanes,
    playNext,
  );
  longestRoundMs = Math.max(longestRoundMs, elapsedMs() - roundAt);
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
  process.stdout.write('docs/chaos-scorecard.md is written.\n');
}
process.exitCode = failed > 0 ? 1 : 0;
