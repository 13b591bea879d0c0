/**
 * Profiles where the CPU time of a worker goes in a campaign against a server with this latency: self time by part and
 * per job, from V8's CPU profile. Linux only.
 *
 *     npm run bench -- profile --latency 0 --jobs 10000
 */

import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startNode, stopChild, waitForSuccess } from './child.mjs';
import { wholeNumber } from './commands.mjs';
import { settingsFor, startIssue, startUp, writeExport } from './contestants/passbridge.mjs';
import { tableOf } from './tables.mjs';
import { withTestbed } from './testbed.mjs';

/**
 * A frame belongs to the first part that matches. `waiting` is left out of the result.
 * @type {[name: string, matches: (frame: { url: string, functionName: string }) => boolean][]}
 */
const parts = [
  ['waiting', ({ functionName }) => functionName === '(idle)'],
  ['system calls: writing to sockets and the log', ({ functionName }) => /^write|^writev/.test(functionName)],
  ['garbage collection', ({ functionName }) => functionName === '(garbage collector)'],
  ['loading modules', ({ url, functionName }) => isLoading(url, functionName)],
  ['BullMQ', ({ url }) => /bullmq|msgpackr/.test(url)],
  ['Redis client', ({ url }) => url.includes('ioredis') || url.includes('redis-parser')],
  ['templates', ({ url }) => /dist\/programs\/(?:jinja|python|template)/.test(url)],
  ['HTTP client', ({ url }) => /undici|llhttp/.test(url)],
  ['log lines', ({ url }) => /pino|sonic-boom/.test(url)],
  ['metrics', ({ url }) => url.includes('prom-client')],
  ['passbridge', ({ url }) => url.includes('/dist/') && !url.includes('node_modules')],
  ['Node and V8', () => true],
];

/** Runs the campaign and prints the table. */
export async function run(values) {
  const latencyMs = wholeNumber('--latency', values.latency, 0);
  const jobs = wholeNumber('--jobs', values.jobs, 50);
  const profile = await withTestbed('redis', { latencyMs, warmUp: 0, calls: jobs }, async (testbed) => {
    const { folder, url, server, children } = testbed;
    const env = settingsFor({ folder, url });
    const context = { folder, env, children };
    await startUp('feeder', 'feeder', context);
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    const log = join(folder, 'worker.log');
    const worker = startNode([...flags, resolve('dist/main.js'), 'up', '--role', 'worker'], { log, env });
    children.push(worker);
    await waitForSuccess(startIssue(await writeExport(jobs, folder), context, ['--detach']));
    await server.writtenBack;
    await stopChild(worker, 'SIGTERM');
    const file = (await readdir(folder)).find((name) => name.endsWith('.cpuprofile'));
    if (file === undefined) throw new Error(`The worker wrote no CPU profile to ${folder}.`);
    return JSON.parse(await readFile(join(folder, file), 'utf8'));
  });
  const rows = selfTimes(profile).map(({ part, ms }) => [
    part,
    ms.toFixed(0),
    ((ms / jobs) * 1000).toFixed(0),
  ]);
  process.stdout.write(`${tableOf([['part', 'ms', 'µs per job'], ...rows])}\n`);
}

/** Sums the self times of a V8 CPU profile by part, as [{part, ms}] in descending order. */
function selfTimes({ nodes, samples, timeDeltas }) {
  const partOf = new Map(
    nodes.map(({ id, callFrame }) => [id, parts.find(([, matches]) => matches(callFrame))?.[0] ?? '']),
  );
  const times = new Map(parts.map(([part]) => [part, 0]));
  samples.forEach((id, index) => {
    const part = partOf.get(id);
    times.set(part, (times.get(part) ?? 0) + timeDeltas[index] / 1000);
  });
  times.delete('waiting');
  return [...times].map(([part, ms]) => ({ part, ms })).toSorted((a, b) => b.ms - a.ms);
}

function isLoading(url, functionName) {
  return (
    /internal\/modules\/|cjs-module-lexer/.test(url) ||
    /wrapSafe|compileSourceTextModule|openFileHandle|internalModuleStat/.test(functionName)
  );
}
