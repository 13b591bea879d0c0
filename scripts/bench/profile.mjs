/**
 * Where a worker's processor time goes in a campaign against a server that answers after `--latency`
 * milliseconds: its own time by part, per job, out of V8's CPU profile. Linux only.
 *
 *     npm run profile:worker -- --latency 0 --jobs 10000
 */

import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inArena } from './bench/arena.mjs';
import { endedWell, startNode, stopChild } from './bench/child.mjs';
import { settingsFor, startIssue, startUp, writeExport } from './bench/contestants/passbridge.mjs';
import { selfTimes } from './bench/cpu-profile.mjs';
import { tableOf } from './bench/table.mjs';

const { values } = parseArgs({
  options: { latency: { type: 'string', default: '0' }, jobs: { type: 'string', default: '10000' } },
});
const [latencyMs, jobs] = [Number(values.latency), Number(values.jobs)];
if (!(latencyMs >= 0) || !Number.isInteger(jobs) || jobs < 50) {
  throw new Error('--latency is in milliseconds, --jobs a whole number of at least 50');
}

const profile = await inArena('redis', { latencyMs, warmUp: 0, calls: jobs }, async (arena) => {
  const { folder, url, server, children } = arena;
  const env = settingsFor({ folder, url });
  const at = { folder, env, children };
  await startUp('feeder', 'feeder', at);
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  const log = join(folder, 'worker.log');
  const worker = startNode([...flags, resolve('dist/main.js'), 'up', '--role', 'worker'], { log, env });
  children.push(worker);
  await endedWell(startIssue(await writeExport(jobs, folder), at, ['--detach']));
  await server.home;
  await stopChild(worker, 'SIGTERM');
  const file = (await readdir(folder)).find((name) => name.endsWith('.cpuprofile'));
  return JSON.parse(await readFile(join(folder, file), 'utf8'));
});

const rows = selfTimes(profile).map(({ part, ms }) => [part, ms.toFixed(0), ((ms / jobs) * 1000).toFixed(0)]);
process.stdout.write(`${tableOf([['part', 'ms', 'µs a job'], ...rows])}\n`);
