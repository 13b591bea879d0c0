/**
 * How much memory and time a campaign takes, and that neither grows with its size: a dry run and a
 * run of generated customers against a sandbox that answers at once. Linux only (reads /proc).
 *
 *     npm run bench:campaign -- --rows 1000000
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { openPrivateRedis } from '../dist/kit/private-redis/open.js';
import { csvOf } from './bench/customers.mjs';

const MB = 1024 * 1024;
const SAMPLE_MS = 500;
/** What the design allows: a process, a Redis without customers, and each customer in it. */
const PROCESS_LIMIT = 256 * MB;
const REDIS_LIMIT = 64 * MB;
const BYTES_A_CUSTOMER = 160;

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const sizes = [...new Set([10_000, Number(values.rows)])];
if (sizes.some((rows) => !Number.isInteger(rows) || rows < 1)) throw new Error('--rows is a whole number');

const main = resolve('dist/main.js');
let failed = false;
for (const rows of sizes) await measure(rows);
process.exitCode = failed ? 1 : 0;

async function measure(rows) {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-bench-'));
  const file = join(folder, 'customers.csv');
  await pipeline(csvOf(rows), createWriteStream(file));
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATA_DIR: folder,
    PROGRAMS_FILE: resolve('examples/programs.yaml'),
    CUSTOMER_INDEX: 'off',
    CONFIRM_ABOVE: '1000000000',
  };
  const server = await openPrivateRedis({ dataDir: folder, env: process.env });
  const redis = new Redis(server.path);
  const sandbox = start(['sandbox', '--port', '0', '--latency', '0'], env, ['--max-old-space-size=12000']);
  try {
    const settings = await settingsOf(sandbox);
    report(`dry run of ${rows} rows`, await follow(start(['issue', 'loyalty', file, '--dry-run'], env)));

    const campaign = start(['issue', 'loyalty', file], { ...env, ...settings });
    const run = await follow(campaign, async () => {
      const info = await redis.info('memory');
      return Number(/used_memory:(\d+)/.exec(info)?.[1]);
    });
    report(`campaign of ${rows} rows`, run, REDIS_LIMIT + rows * BYTES_A_CUSTOMER);
    const witness = await (await fetch(`${settings.PASSMACHINE_URL}/_sandbox/witness`)).json();
    const right = run.code === 0 && witness.customersWithCard === rows && witness.cards === rows;
    if (!right) failed = true;
    say(`  ${witness.cards} cards for ${witness.customersWithCard} customers; it ended with ${run.code}`);
  } finally {
    sandbox.kill('SIGTERM');
    await once(sandbox, 'exit');
    redis.disconnect();
    await server.close();
    await rm(folder, { recursive: true, force: true });
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
  child.printed = '';
  child.stdout.on('data', (text) => (child.printed = (child.printed + text).slice(-100_000)));
  return child;
}

/** Samples a process, and what else there is to sample, until it ends. */
async function follow(child, sampleRedis = async () => 0) {
  const startedAt = performance.now();
  const exited = once(child, 'exit');
  const peak = { process: 0, redis: 0 };
  while (child.exitCode === null) {
    peak.process = Math.max(peak.process, residentBytes(child.pid));
    peak.redis = Math.max(peak.redis, await sampleRedis());
    await Promise.race([exited, sleep(SAMPLE_MS)]);
  }
  return { seconds: (performance.now() - startedAt) / 1000, peak, code: child.exitCode };
}

/** The most that was ever resident, by the kernel's own account. */
function residentBytes(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It has just ended.
  }
}

function report(what, { seconds, peak }, redisLimit) {
  const figures = [
    `${seconds.toFixed(1)} s`,
    `process ${verdict(peak.process, PROCESS_LIMIT)}`,
    ...(redisLimit === undefined ? [] : [`Redis ${verdict(peak.redis, redisLimit)}`]),
  ];
  say(`${what}: ${figures.join(', ')}`);
}

function verdict(bytes, limit) {
  if (bytes > limit) failed = true;
  return `${(bytes / MB).toFixed(0)} MB of ${(limit / MB).toFixed(0)} MB${bytes > limit ? ' TOO MUCH' : ''}`;
}

/** The settings that the sandbox prints for a .env file. */
async function settingsOf(sandbox) {
  while (!sandbox.printed.includes('Ctrl-C')) await sleep(50);
  return Object.fromEntries(
    [...sandbox.printed.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
}
