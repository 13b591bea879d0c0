/**
 * How many webhooks the door takes in a second and how long they wait for their answer, beside a
 * receiver that does the least possible; and one batch of a thousand. Every customer is another one.
 *
 *     npm run bench:webhooks -- --seconds 10
 */

import { spawn } from 'node:child_process';
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

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 1)) throw new Error('--seconds is a number of at least 1');

const token = 'bench-webhooks';
const folder = await mkdtemp(join(tmpdir(), 'passbridge-bench-'));
const redis = await openPrivateRedis({ dataDir: folder, env: process.env });
const children = [];
try {
  const bare = await listening(spawnNode(['scripts/bare-receiver.mjs', redis.path, '{bare}']));
  const door = await listening(
    spawnNode(['dist/main.js', 'up', '--role', 'web'], {
      DATA_DIR: folder,
      PORT: '0',
      PROGRAMS_FILE: resolve('examples/programs.yaml'),
      WEBHOOK_TOKEN: token,
      LOG_LEVEL: 'warn',
    }),
  );
  const url = `${door}/webhooks/bloomreach/loyalty/create`;
  // Both are warm, and each is measured while the other rests.
  for (const target of [bare, url]) await load(target, 2);
  const bareRun = await load(bare, seconds);
  report('bare', bareRun);
  const doorRun = await load(url, seconds);
  report('webhooks', doorRun);
  const share = doorRun.requests.average / bareRun.requests.average;
  print(`share of bare: ${share.toFixed(2)}`);
  const took = await batches(url);
  print(`batch of 1,000: ${took.median.toFixed(0)} ms, slowest of ${BATCHES} ${took.slowest.toFixed(0)} ms`);

  expect('hits a second', doorRun.requests.average, (hits) => hits >= HITS_A_SECOND, `≥ ${HITS_A_SECOND}`);
  expect('p99', doorRun.latency.p99, (ms) => ms < P99_MS, `< ${P99_MS} ms`);
  expect('share of bare', share, (found) => found >= SHARE_OF_BARE, `≥ ${SHARE_OF_BARE}`);
  expect('batch', took.median, (ms) => ms < BATCH_MS, `< ${BATCH_MS} ms`);
  expect('answers other than 200', doorRun.non2xx + doorRun.errors, (count) => count === 0, 'none');
} finally {
  for (const child of children) child.kill('SIGKILL');
  await redis.close();
  await rm(folder, { recursive: true, force: true });
}

function spawnNode(args, env = {}) {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function listening(child) {
  let printed = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    printed += text;
    const address = /up at (\S+)/.exec(printed)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error('it ended before it listened');
}

function load(url, duration) {
  return autocannon({
    url,
    duration,
    connections: CONNECTIONS,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    // Every [<id>] becomes an id of its own.
    body: customer('[<id>]'),
    idReplacement: true,
  });
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
  times.sort((a, b) => a - b);
  return { median: times[BATCHES / 2], slowest: times.at(-1) };
}

function report(name, { requests, latency, non2xx, errors }) {
  const failures = non2xx + errors;
  print(
    `${name}: ${Math.round(requests.average)} a second; p50 ${latency.p50} ms, p99 ${latency.p99} ms, longest ${latency.max} ms${failures > 0 ? `; ${failures} FAILED` : ''}`,
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
