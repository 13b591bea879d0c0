/**
 * Measures the memory and duration of a campaign and checks that memory does not grow with its size: a dry run and a
 * run over generated customers, against a sandbox without latency. Linux only (reads /proc).
 *
 *     npm run bench -- campaign --rows 1000000
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRedis } from './brokers/redis.mjs';
import { baseEnv, killAtExit } from './child.mjs';
import { makeTemporaryFolder } from './cleanup.mjs';
import { wholeNumber } from './commands.mjs';
import { csvOf } from './customers.mjs';
import { peakBytesOf } from './proc.mjs';

const MB = 1024 * 1024;
const SAMPLE_MS = 500;
/** Memory limits of the design: the process, Redis without customers, and each customer in Redis. */
const PROCESS_LIMIT = 256 * MB;
const REDIS_LIMIT = 64 * MB;
const BYTES_PER_CUSTOMER = 160;

const main = resolve('dist/main.js');

/** Measures a campaign of 10,000 rows and one of `--rows`. */
export async function run(values) {
  for (const rows of new Set([10_000, wholeNumber('--rows', values.rows, 1)])) await measure(rows);
}

async function measure(rows) {
  const { path: folder, remove } = await makeTemporaryFolder();
  const file = join(folder, 'customers.csv');
  await pipeline(csvOf(rows), createWriteStream(file));
  const env = {
    ...baseEnv,
    DATA_DIR: folder,
    PROGRAMS_FILE: resolve('examples/programs.yaml'),
    CUSTOMER_INDEX: 'off',
    CONFIRM_ABOVE: '1000000000',
  };
  const redis = await openRedis(folder);
  const sandbox = start(['sandbox', '--port', '0', '--latency', '0'], env, ['--max-old-space-size=12000']);
  try {
    const settings = await settingsOf(sandbox);
    report(`dry run of ${rows} rows`, await observe(start(['issue', 'loyalty', file, '--dry-run'], env)));

    const campaign = start(['issue', 'loyalty', file], { ...env, ...settings });
    const campaignRun = await observe(campaign, redis.usedBytes);
    report(`campaign of ${rows} rows`, campaignRun, REDIS_LIMIT + rows * BYTES_PER_CUSTOMER);
    const response = await fetch(`${settings['PASSMACHINE_URL']}/_sandbox/witness`);
    /** @type {ReturnType<typeof import('../../dist/sandbox/witness-summary.js').summarize>} */
    const witness = JSON.parse(await response.text());
    const isComplete = campaignRun.code === 0 && witness.customersWithCard === rows && witness.cards === rows;
    if (!isComplete) process.exitCode = 1;
    say(`  ${witness.cards} cards for ${witness.customersWithCard} customers; exit code ${campaignRun.code}`);
  } finally {
    sandbox.child.kill('SIGTERM');
    await once(sandbox.child, 'exit');
    await redis.close();
    await remove();
  }
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function start(args, env, nodeFlags = []) {
  const child = spawn(process.execPath, [...nodeFlags, main, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  killAtExit(child);
  let printed = '';
  child.stdout.on('data', (text) => (printed = (printed + text).slice(-100_000)));
  return { child, printed: () => printed };
}

/** Samples the memory of a process and of Redis until the process exits. */
async function observe({ child }, sampleRedis = async () => 0) {
  const startedAt = performance.now();
  const exited = once(child, 'exit');
  const peak = { process: 0, redis: 0 };
  while (child.exitCode === null) {
    peak.process = Math.max(peak.process, peakBytesOf([child.pid]));
    peak.redis = Math.max(peak.redis, await sampleRedis());
    await Promise.race([exited, sleep(SAMPLE_MS)]);
  }
  return { seconds: (performance.now() - startedAt) / 1000, peak, code: child.exitCode };
}

/**
 * @param {string} name
 * @param {Awaited<ReturnType<typeof observe>>} run
 * @param {number} [redisLimit]
 */
function report(name, { seconds, peak }, redisLimit) {
  const figures = [
    `${seconds.toFixed(1)} s`,
    `process ${verdict(peak.process, PROCESS_LIMIT)}`,
    ...(redisLimit === undefined ? [] : [`Redis ${verdict(peak.redis, redisLimit)}`]),
  ];
  say(`${name}: ${figures.join(', ')}`);
}

function verdict(bytes, limit) {
  if (bytes > limit) process.exitCode = 1;
  return `${(bytes / MB).toFixed(0)} MB of ${(limit / MB).toFixed(0)} MB${bytes > limit ? ' TOO MUCH' : ''}`;
}

/** Returns the settings that the sandbox prints for a .env file. */
async function settingsOf(sandbox) {
  while (!sandbox.printed().includes('Ctrl-C')) await sleep(50);
  return Object.fromEntries(
    [...sandbox.printed().matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
}
