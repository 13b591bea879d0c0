/**
 * How many webhooks the door takes in a second and how long they wait for their answer, beside a
 * receiver that does the least possible; and batches of a thousand. Every customer is another one.
 * The two take turns, so that what else the machine does meets both; of the rounds the median counts.
 * Linux only (reads /proc).
 *
 *     npm run bench:webhooks -- --seconds 20
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { openPrivateRedis } from '../dist/kit/private-redis/open.js';

/** What the design promises, for 50 connections and bodies of 1 kB. */
const HITS_A_SECOND = 10_000;
const P99_MS = 20;
const SHARE_OF_BARE = 0.85;
const BATCH_MS = 300;
const CONNECTIONS = 50;
const BATCHES = 20;
const ROUNDS = 5;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 10)) throw new Error('--seconds is a number of at least 10');

const token = 'bench-webhooks';
const folder = await mkdtemp(join(tmpdir(), 'passbridge-bench-'));
const redis = await openPrivateRedis({ dataDir: folder, env: process.env });
const children = [];
try {
  const bare = await start(['scripts/bare-receiver.mjs', redis.path, '{bare}']);
  const door = await start(['dist/main.js', 'up', '--role', 'web'], {
    DATA_DIR: folder,
    PORT: '0',
    PROGRAMS_FILE: resolve('examples/programs.yaml'),
    WEBHOOK_TOKEN: token,
    LOG_LEVEL: 'warn',
  });
  door.url += '/webhooks/bloomreach/loyalty/create';
  for (const target of [bare, door]) await load(target, 2);
  const runs = { bare: [], door: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.bare.push(await load(bare, seconds / ROUNDS / 2));
    runs.door.push(await load(door, seconds / ROUNDS / 2));
  }
  const bareFigures = figuresOf(runs.bare);
  const figures = figuresOf(runs.door);
  report('bare', bareFigures);
  report('webhooks', figures);
  const share = median(runs.door.map(({ hits }, round) => hits / runs.bare[round].hits));
  print(`share of bare: ${share.toFixed(2)}`);
  const took = await batches(door.url);
  print(`batch of 1,000: ${took.median.toFixed(0)} ms, slowest of ${BATCHES} ${took.slowest.toFixed(0)} ms`);

  expect('hits a second', figures.hits, (hits) => hits >= HITS_A_SECOND, `≥ ${HITS_A_SECOND}`);
  expect('p99', figures.p99, (ms) => ms < P99_MS, `< ${P99_MS} ms`);
  expect('share of bare', share, (found) => found >= SHARE_OF_BARE, `≥ ${SHARE_OF_BARE}`);
  expect('batch', took.median, (ms) => ms < BATCH_MS, `< ${BATCH_MS} ms`);
  expect('answers other than 200', figures.failures, (count) => count === 0, 'none');
} finally {
  // The last one to leave stops the private Redis.
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  await redis.close();
  await rm(folder, { recursive: true, force: true });
}

/** A process, and the address that it prints. */
async function start(args, env = {}) {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let printed = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    printed += text;
    const url = /up at (\S+)/.exec(printed)?.[1];
    if (url !== undefined) return { url, pid: child.pid };
  }
  throw new Error(`${args[0]} ended before it listened`);
}

async function load({ url, pid }, duration) {
  const before = cpuMsOf(pid);
  const { requests, latency, non2xx, errors } = await autocannon({
    url,
    duration,
    connections: CONNECTIONS,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    // Every [<id>] becomes an id of its own.
    body: customer('[<id>]'),
    idReplacement: true,
  });
  return {
    hits: requests.total / duration,
    p50: latency.p50,
    p99: latency.p99,
    cpuUs: ((cpuMsOf(pid) - before) * 1000) / requests.total,
    failures: non2xx + errors,
  };
}

/** Processor time that a process has used. */
function cpuMsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function figuresOf(runs) {
  const of = (name) => median(runs.map((run) => run[name]));
  const failures = runs.reduce((sum, run) => sum + run.failures, 0);
  return { hits: of('hits'), p50: of('p50'), p99: of('p99'), cpuUs: of('cpuUs'), failures };
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** 1 kB. */
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

async function batches(url) {
  const times = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const body = `[${Array.from({ length: 1000 }, (_, n) => customer(`${batch}-${n}`)).join()}]`;
    const startedAt = performance.now();
    const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body });
    const { results } = await answer.json();
    times.push(performance.now() - startedAt);
    if (!results.every(({ success }) => success)) throw new Error('a customer of a batch was refused');
  }
  return { median: median(times), slowest: Math.max(...times) };
}

function report(name, { hits, p50, p99, cpuUs, failures }) {
  const failed = failures > 0 ? `; ${failures} FAILED` : '';
  print(
    `${name}: ${Math.round(hits)} a second; p50 ${p50} ms, p99 ${p99} ms; ${cpuUs.toFixed(0)} µs of processor each${failed}`,
  );
}

function expect(name, found, holds, wanted) {
  if (holds(found)) return;
  print(`TOO SLOW: ${name} is ${found}, and should be ${wanted}`);
  process.exitCode = 1;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
