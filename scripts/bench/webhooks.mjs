/**
 * Measures the throughput and latency of the webhook endpoint, compared with a baseline receiver, and batches of 1,000
 * customers. Every request is for another customer. Endpoint and baseline alternate, so that other load on the machine
 * affects both; the median of the rounds counts. Linux only (reads /proc).
 *
 *     npm run bench -- webhooks --seconds 20
 */

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import autocannon from 'autocannon';
import { openRedis } from './brokers/redis.mjs';
import { baseEnv, killAtExit, stopChild } from './child.mjs';
import { makeTemporaryFolder } from './cleanup.mjs';
import { wholeNumber } from './commands.mjs';
import { cpuMsOf } from './proc.mjs';
import { median } from './statistics.mjs';

/** Targets for 50 connections and bodies of 1 kB. */
const MIN_REQUESTS_PER_SECOND = 10_000;
const MAX_P99_MS = 20;
const MIN_SHARE_OF_BASELINE = 0.85;
const MAX_BATCH_MS = 300;

const CONNECTIONS = 50;
const ROUNDS = 5;
const BATCHES = 20;
const token = 'bench-webhooks';

/** Measures, prints the figures, and sets the exit code to 1 if a target is missed. */
export async function run(values) {
  const seconds = wholeNumber('--seconds', values.seconds, 10);
  const { baseline, passbridge, share, batches } = await measureWebhooks(seconds);
  report('baseline', baseline);
  report('passbridge', passbridge);
  print(`share of baseline: ${share.toFixed(2)}`);
  print(
    `batch of 1,000: ${batches.median.toFixed(0)} ms, slowest of ${BATCHES} ${batches.slowest.toFixed(0)} ms`,
  );

  const { requests, p99, failures } = passbridge;
  check('requests per second', requests, requests >= MIN_REQUESTS_PER_SECOND, `≥ ${MIN_REQUESTS_PER_SECOND}`);
  check('p99', p99, p99 < MAX_P99_MS, `< ${MAX_P99_MS} ms`);
  check('share of baseline', share, share >= MIN_SHARE_OF_BASELINE, `≥ ${MIN_SHARE_OF_BASELINE}`);
  check('batch', batches.median, batches.median < MAX_BATCH_MS, `< ${MAX_BATCH_MS} ms`);
  check('responses other than 2xx', failures, failures === 0, 'none');
}

/**
 * Loads both receivers for `seconds` in total. Returns their medians as {requests, p50, p99, cpuUs, failures}
 * (`requests` per second), the endpoint's share of the baseline's throughput, and {median, slowest} of the batches in ms.
 * @param {number} seconds
 */
export async function measureWebhooks(seconds) {
  const { path: folder, remove } = await makeTemporaryFolder();
  const redis = await openRedis(folder);
  /** @type {import('./child.mjs').Child[]} */
  const children = [];
  try {
    const receiver = resolve('scripts/bench/server/baseline-receiver.mjs');
    const baseline = await start(children, [receiver, redis.connection.socket, '{baseline}']);
    const passbridge = await start(children, ['dist/main.js', 'up', '--role', 'web'], {
      DATA_DIR: folder,
      PORT: '0',
      PROGRAMS_FILE: resolve('examples/programs.yaml'),
      WEBHOOK_TOKEN: token,
      LOG_LEVEL: 'warn',
    });
    passbridge.url += '/webhooks/bloomreach/loyalty/create';
    for (const target of [baseline, passbridge]) await load(target, 2);
    /** @type {{ baseline: Run[], passbridge: Run[] }} */
    const runs = { baseline: [], passbridge: [] };
    const ratios = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const reference = await load(baseline, seconds / ROUNDS / 2);
      const measured = await load(passbridge, seconds / ROUNDS / 2);
      runs.baseline.push(reference);
      runs.passbridge.push(measured);
      ratios.push(measured.requests / reference.requests);
    }
    return {
      baseline: figuresOf(runs.baseline),
      passbridge: figuresOf(runs.passbridge),
      share: median(ratios),
      batches: await measureBatches(passbridge.url),
    };
  } finally {
    // Before Redis: the last process to disconnect stops the private server.
    for (const child of children) await stopChild(child);
    await redis.close();
    await remove();
  }
}

/** Starts a process and returns its pid and the URL that it prints. */
async function start(children, args, env = {}) {
  const child = spawn(process.execPath, args, {
    env: { ...baseEnv, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(killAtExit(child));
  let printed = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    printed += text;
    const url = /up at (\S+)/.exec(printed)?.[1];
    if (url !== undefined) return { url, pid: child.pid };
  }
  throw new Error(`${args[0]} exited before it listened`);
}

/** @typedef {Awaited<ReturnType<typeof load>>} Run */

async function load({ url, pid }, duration) {
  const before = cpuMsOf([pid]);
  const { requests, latency, non2xx, errors } = await autocannon({
    url,
    duration,
    connections: CONNECTIONS,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    // autocannon replaces every [<id>] by a unique id.
    body: customer('[<id>]'),
    idReplacement: true,
  });
  return {
    requests: requests.total / duration,
    p50: latency.p50,
    p99: latency.p99,
    cpuUs: ((cpuMsOf([pid]) - before) * 1000) / requests.total,
    failures: non2xx + errors,
  };
}

/** @param {Run[]} runs */
function figuresOf(runs) {
  const medianOf = (name) => median(runs.map((figures) => figures[name]));
  return {
    requests: medianOf('requests'),
    p50: medianOf('p50'),
    p99: medianOf('p99'),
    cpuUs: medianOf('cpuUs'),
    failures: runs.reduce((sum, { failures }) => sum + failures, 0),
  };
}

/** Returns a request body of 1 kB. */
function customer(id) {
  return JSON.stringify({
    customer_ids: { registered: id },
    customer: {
      first_name: 'Žofie',
      last_name: 'Nováková',
      email: 'zofie.novakova@example.com',
      id: '7',
      note: 'x'.repeat(840),
    },
  });
}

async function measureBatches(url) {
  const times = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const body = `[${Array.from({ length: 1000 }, (_, n) => customer(`${batch}-${n}`)).join()}]`;
    const startedAt = performance.now();
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body,
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`Batch ${batch + 1}: answered ${response.status}: ${text.slice(0, 200)}`);
    const { results } = JSON.parse(text);
    times.push(performance.now() - startedAt);
    if (!results.every(({ success }) => success))
      throw new Error(`Batch ${batch + 1}: a customer was rejected.`);
  }
  return { median: median(times), slowest: Math.max(...times) };
}

function report(name, { requests, p50, p99, cpuUs, failures }) {
  const failed = failures > 0 ? `; ${failures} FAILED` : '';
  print(
    `${name}: ${Math.round(requests)} requests/s; p50 ${p50} ms, p99 ${p99} ms; ${cpuUs.toFixed(0)} µs of CPU per request${failed}`,
  );
}

function check(name, value, isMet, target) {
  if (isMet) return;
  print(`TARGET MISSED: ${name} is ${value}, target ${target}`);
  process.exitCode = 1;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
