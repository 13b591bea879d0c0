/**
 * Measures the dashboard on a full ledger: by default a million jobs of 200 campaigns, a million customers, and 100,000
 * failures with twelve causes. Times lists, search and the acceptance of a bulk retry over HTTP, without and with 20
 * other viewers of live pages. Fails if a p95 is above its target.
 *
 *     npm run bench -- dashboard --jobs 1000000
 */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { makeDataVersion } from '../../dist/ledger/data-version.js';
import { makeLedgerKeys } from '../../dist/ledger/keys.js';
import { makeCampaignLedger } from '../../dist/ledger/campaigns/campaign-ledger.js';
import { makeJobLedger } from '../../dist/ledger/jobs/job-ledger.js';
import { makeTimelineWriter } from '../../dist/ledger/customers/timeline-writer.js';
import { failure } from '../../dist/domain/failures/failure.js';
import { openRedis } from './brokers/redis.mjs';
import { baseEnv, killAtExit, stopChild } from './child.mjs';
import { makeTemporaryFolder } from './cleanup.mjs';
import { wholeNumber } from './commands.mjs';

const CAMPAIGNS = 200;
const CAUSES = 12;
/** Jobs settled concurrently. */
const CHUNK = 500;
const REQUESTS = 100;
/** Requests before the measurement, while the process is cold. */
const WARM_UP = 5;
const VIEWERS = 20;
/** Targets for the p95, in milliseconds. */
const TARGETS = { list: 300, search: 500, groups: 1000, accepted: 2000 };

/** Fills a ledger with `--jobs` jobs, measures, and sets the exit code to 1 if a target is missed. */
export async function run(values) {
  const perCampaign = Math.floor(wholeNumber('--jobs', values.jobs, CAMPAIGNS * 10) / CAMPAIGNS);
  const { path: dataDir, remove } = await makeTemporaryFolder();
  const broker = await openRedis(dataDir);
  const redis = new Redis(broker.connection.socket);
  let server;
  try {
    await fill(redis, perCampaign);
    print(`Redis uses ${((await broker.usedBytes()) / 1e6).toFixed(0)} MB`);
    server = await startServer(dataDir);
    if (!(await measureAll(server.url, perCampaign))) process.exitCode = 1;
  } finally {
    if (server !== undefined) await stopChild(server.child, 'SIGTERM');
    redis.disconnect();
    await broker.close();
    await remove();
  }
}

/** Fills Redis through the ledger, as workers would. */
async function fill(redis, perCampaign) {
  const startedAt = performance.now();
  const prefix = '{passbridge}';
  const keys = makeLedgerKeys(prefix);
  // Marks the empty store as current.
  await makeDataVersion(redis, keys, prefix).check();
  const timeline = makeTimelineWriter(keys, { ttlMs: 7 * 86_400_000, clock: Date.now });
  const ledger = makeJobLedger(redis, keys, { cardTtlMs: 7 * 86_400_000, timeline, clock: Date.now });
  const campaigns = makeCampaignLedger(redis, keys);
  for (let number = 0; number < CAMPAIGNS; number += 1) {
    const id = `loyalty-issue-20261101-${String(number).padStart(4, '0')}`;
    await campaigns.create({
      id,
      program: 'loyalty',
      action: 'issue',
      source: { kind: 'file', path: '/nowhere.csv', fingerprint: { size: 0, mtimeMs: 0 } },
      createdAt: Date.now() - (CAMPAIGNS - number) * 1000,
    });
    await campaigns.accept(id, perCampaign, [], Date.now());
    await campaigns.markFed(id, 0);
    for (let first = 1; first <= perCampaign; first += CHUNK) {
      const rows = Array.from({ length: Math.min(CHUNK, perCampaign - first + 1) }, (_, n) => first + n);
      await Promise.all(
        rows.map((row) =>
          ledger.settle(jobOf(id, number * perCampaign + row, row), settlementOf(number, row)),
        ),
      );
    }
  }
  print(
    `filled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${CAMPAIGNS * perCampaign} jobs`,
  );
}

/** @returns {import('../../dist/domain/jobs/pass-job.js').QueuedJob} */
function jobOf(campaign, customer, row) {
  return {
    v: 1,
    id: `${campaign}-${row}`,
    deliveryId: `delivery-${row}`,
    action: 'create',
    program: 'loyalty',
    campaign,
    row,
    customer: {
      ids: { registered: `c-${customer}` },
      attributes: { first_name: 'Žofie', email: `c${customer}@bench.example` },
    },
  };
}

/**
 * Every tenth row fails, with alternating causes.
 * @returns {import('../../dist/domain/jobs/settlement.js').Settlement}
 */
function settlementOf(number, row) {
  const at = Date.now();
  if (row % 10 !== 0)
    return { state: 'done', card: { passId: `p-${number}-${row}`, issuedAt: Math.floor(at / 1000) } };
  const fields = [
    'first name',
    'last name',
    'e-mail',
    'barcode',
    'discount',
    'color',
    'logo',
    'image',
    'locale',
    'expiry',
    'member',
    'region',
  ];
  const field = fields[(number + row / 10) % CAUSES];
  return {
    state: 'rejected',
    attempts: 1,
    at,
    failure: failure('PM_REFUSED', `the ${field} of customer ${number}-${row} is not valid`),
  };
}

/** What the dashboard's requests carry: as a script, and as a browser. */
const access = { authorization: '', cookie: '' };

/** Fetches as a script. */
function get(url, init = {}) {
  return fetch(url, { ...init, headers: { authorization: access.authorization } });
}

async function startServer(dataDir) {
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
  const programs = fileURLToPath(new URL('../../examples/programs.yaml', import.meta.url));
  const env = {
    ...baseEnv,
    DATA_DIR: dataDir,
    PORT: '0',
    PROGRAMS_FILE: programs,
    LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [main, 'up', '--role', 'web'], {
    env,
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  killAtExit(child);
  child.stdout.setEncoding('utf8');
  for await (const line of child.stdout) {
    const [address = '', url, token] = /(http:\S+)\/sign-in\?token=(\S+)/.exec(line) ?? [];
    if (url === undefined) continue;
    const signedIn = await fetch(address, { redirect: 'manual' });
    access.cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    access.authorization = `Bearer ${token}`;
    child.stdout.resume();
    return { child, url };
  }
  throw new Error('The dashboard did not start.');
}

async function measureAll(url, perCampaign) {
  const jobs = CAMPAIGNS * perCampaign;
  const failures = CAMPAIGNS * Math.floor(perCampaign / 10);
  const html = await (await get(`${url}/attention`)).text();
  const groups = [...html.matchAll(/href="(\/failures\/[^/"?]+)"/g)].map(([, path]) => path);
  const shown = new Set(groups).size;
  print(`the failures page shows ${shown} groups of ${failures} failures`);
  const campaign = 'loyalty-issue-20261101-0100';
  /** @type {[name: string, path: string | ((n: number) => string), target: keyof typeof TARGETS][]} */
  const pages = [
    ['overview', '/', 'list'],
    ['campaigns', '/campaigns', 'list'],
    ['campaigns, page 4', '/campaigns?page=4', 'list'],
    ['one campaign', `/campaigns/${campaign}`, 'list'],
    ['failures by cause', '/attention', 'groups'],
    ['one cause', groups[0] ?? '', 'list'],
    ['bulk actions', '/activity/bulk-actions', 'list'],
    ['audit', '/activity', 'list'],
    ['API: campaigns', '/api/campaigns', 'list'],
    ['API: failures', '/api/failures', 'groups'],
    ['search by e-mail', (n) => `/customers?q=c${(n * 7919) % jobs}@bench.example`, 'search'],
    ['search by id', (n) => `/customers?q=c-${(n * 7919) % jobs}`, 'search'],
    [
      'search by job',
      (n) => `/customers?q=loyalty-issue-20261101-${String(n % CAMPAIGNS).padStart(4, '0')}-${n + 1}`,
      'search',
    ],
    ['search by card', (n) => `/customers?q=p-${n % CAMPAIGNS}-${(n % 8) + 1}`, 'search'],
  ];
  let isMet = shown === CAUSES;
  for (const viewers of [0, VIEWERS]) {
    const closeViewers = await openViewers(url, viewers);
    print(`\n${'page'.padEnd(20)}      p50      p95      max target   (ms, ${viewers} other viewers)`);
    for (const [name, path, target] of pages) {
      const { p50, p95, max } = await time(url, path);
      isMet &&= p95 < TARGETS[target];
      print(
        [
          name.padEnd(20),
          ...[p50, p95, max].map((ms) => ms.toFixed(1).padStart(8)),
          String(TARGETS[target]).padStart(6),
          p95 < TARGETS[target] ? '' : 'MISSED',
        ].join(' '),
      );
    }
    closeViewers();
  }
  const accepted = await retryAll(url, failures);
  print(
    `\nretry of all ${failures} failures accepted in ${accepted.toFixed(0)} ms (target ${TARGETS.accepted})`,
  );
  return isMet && accepted < TARGETS.accepted;
}

/** Opens the event streams of `count` other viewers; returns a function that closes them. */
async function openViewers(url, count) {
  const closing = new AbortController();
  const pages = ['/live', '/campaigns/live', '/attention/live', '/activity/bulk-actions/live'];
  for (let n = 0; n < count; n += 1) {
    const stream = await get(url + pages[n % pages.length], { signal: closing.signal });
    stream.body?.pipeTo(new WritableStream()).catch(() => {});
  }
  return () => closing.abort();
}

/** Returns percentiles of the response time of a page in milliseconds. */
async function time(url, page) {
  const pathOf = typeof page === 'function' ? page : () => page;
  const durations = [];
  for (let n = 0; n < WARM_UP + REQUESTS; n += 1) {
    const startedAt = performance.now();
    const response = await get(url + pathOf(n));
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${pathOf(n)} answered ${response.status}`);
    if (n >= WARM_UP) durations.push(performance.now() - startedAt);
  }
  durations.sort((a, b) => a - b);
  const at = (index) => durations[index] ?? NaN;
  return { p50: at(REQUESTS / 2), p95: at(Math.ceil(REQUESTS * 0.95) - 1), max: at(REQUESTS - 1) };
}

/** Retries all failures as a browser does, with the CSRF token of a page; returns the response time in milliseconds. */
async function retryAll(url, failures) {
  const { cookie } = access;
  const page = await fetch(`${url}/attention`, { headers: { cookie } });
  const [, token = ''] = /name="csrf-token" content="([^"]+)"/.exec(await page.text()) ?? [];
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/bulk-actions`, {
    method: 'POST',
    headers: { cookie, 'csrf-token': token, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'retry', filter: {}, reason: 'benchmark' }),
  });
  const { bulkAction } = JSON.parse(await response.text());
  if (response.status !== 202 || bulkAction.total !== failures)
    throw new Error(`The retry was not accepted: ${response.status}`);
  return performance.now() - startedAt;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
