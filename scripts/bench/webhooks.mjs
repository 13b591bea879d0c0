/**
 * How many webhooks the door takes in a second and how long they wait for their answer, beside a
 * receiver that does the least possible; and batches of a thousand. Every customer is another one.
 * The two take turns, so that what else the machine does meets both; of the rounds the median counts.
 * Linux only (reads /proc).
 */

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import autocannon from 'autocannon';
import { openRedis } from './brokers/redis.mjs';
import { stopChild, watched } from './child.mjs';
import { cpuMsOf } from './proc.mjs';
import { median } from './statistics.mjs';
import { makeTemporaryFolder } from './temporary-folder.mjs';

const CONNECTIONS = 50;
const ROUNDS = 5;
const token = 'bench-webhooks';

/** Batches of a thousand that are sent. */
export const BATCHES = 20;

/**
 * Loads both for so many seconds in all. Resolves with the medians of each, {hits, p50, p99, cpuUs,
 * failures}, the door's share of what the bare one takes, and {median, slowest} of the batches in ms.
 */
export async function measureWebhooks(seconds) {
  const { path: folder, remove } = await makeTemporaryFolder();
  const redis = await openRedis(folder);
  const children = [];
  try {
    const bare = await start(children, ['scripts/bare-receiver.mjs', redis.connection.socket, '{bare}']);
    const door = await start(children, ['dist/main.js', 'up', '--role', 'web'], {
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
    return {
      bare: figuresOf(runs.bare),
      door: figuresOf(runs.door),
      share: median(runs.door.map(({ hits }, round) => hits / runs.bare[round].hits)),
      batches: await batches(door.url),
    };
  } finally {
    // The last one to leave stops the private Redis.
    for (const child of children) await stopChild(child);
    await redis.close();
    await remove();
  }
}

/** A process, and the address that it prints. */
async function start(children, args, env = {}) {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(watched(child));
  let printed = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    printed += text;
    const url = /up at (\S+)/.exec(printed)?.[1];
    if (url !== undefined) return { url, pid: child.pid };
  }
  throw new Error(`${args[0]} ended before it listened`);
}

async function load({ url, pid }, duration) {
  const before = cpuMsOf([pid]);
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
    cpuUs: ((cpuMsOf([pid]) - before) * 1000) / requests.total,
    failures: non2xx + errors,
  };
}

function figuresOf(runs) {
  const of = (name) => median(runs.map((run) => run[name]));
  const failures = runs.reduce((sum, run) => sum + run.failures, 0);
  return { hits: of('hits'), p50: of('p50'), p99: of('p99'), cpuUs: of('cpuUs'), failures };
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
