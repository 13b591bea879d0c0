/**
 * The environment of one chaos run: its own Redis, sandbox, folder and command line. Only Passmachine and Bloomreach
 * are simulated; everything else is what an installation runs.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { settingsFor } from '../../src/services/local-sandbox.ts';
import { isOver } from '../../src/cli/output/progress.ts';
import type { Campaign } from '../../src/domain/campaigns/campaign.ts';
import { sleep } from '../../src/kit/clock.ts';
import { openPrivateRedis, type PrivateRedis } from '../../src/kit/private-redis/private-redis.ts';
import { makeCampaignLedger } from '../../src/ledger/campaigns/campaign-ledger.ts';
import { makeDataVersion } from '../../src/ledger/data-version.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { openCampaignQueue } from '../../src/queue/campaign-queue.ts';
import { openPassQueue, type PassQueue } from '../../src/queue/pass-queue.ts';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import { makeRandom } from '../../src/sandbox/fault-injection.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { goodCustomers } from '../support/customers.ts';
import { freePort } from '../support/free-port.ts';
import { openFaultProxy } from './fault-proxy.ts';
import { type InterruptedCreates, openInterruptedCreates } from './interrupted-creates.ts';

export const main = resolve('dist/main.js');

export interface TestbedOptions {
  seed: number;
  /** Latency of both upstreams. Default: 100 ms. */
  latencyMs?: number;
  /** Settings that override those of the run. */
  env?: Record<string, string>;
  /** Files of the folder by name, written before the processes start. */
  files?: Record<string, string>;
  /** Campaigns of at least this many rows are written back by imports; then there must be one process. */
  importAbove?: number;
}

export interface Testbed {
  /** Random numbers from the run's seed. */
  readonly random: () => number;
  readonly folder: string;
  /** Environment of every process, except the addresses of its dependencies. */
  readonly env: Readonly<Record<string, string>>;
  readonly prefix: string;
  readonly server: PrivateRedis;
  /** A connection without fault injection. */
  readonly redis: Redis;
  readonly sandbox: Sandbox;
  readonly passQueue: PassQueue;
  readonly interrupted: InterruptedCreates;
  /** Adds faults, in the syntax of `passbridge sandbox --fault`. */
  addFaults(...rules: string[]): void;
  /** Runs a command until it exits. Returns its output, or throws with it if the exit code is not 0. */
  run(...args: string[]): Promise<string>;
  /** Starts a detached campaign over an export; returns its id. */
  start(action: 'issue' | 'reissue', csv: string): Promise<string>;
  /** Starts a detached campaign that issues cards to `c-1` to `c-{rows}`; returns its id. */
  startCampaign(rows: number): Promise<string>;
  campaign(id: string): Promise<Campaign>;
  /** The log lines of all `passbridge up` processes so far. */
  logLines(): Promise<string[]>;
  /** Waits until every row is settled and every card saved. Throws with the counters after `timeoutMs`. */
  waitForEnd(id: string, timeoutMs: number): Promise<Campaign>;
  /** Stops everything; `keepFolder` keeps the folder and its logs. */
  close(options: { keepFolder: boolean }): Promise<void>;
}

const POLL_MS = 50;
/** A run that was late may still requeue a settled job, which then takes a moment to be dropped. */
const QUIET_MS = 1000;

export async function openTestbed({
  seed,
  latencyMs = 100,
  env: more = {},
  files = {},
  importAbove,
}: TestbedOptions): Promise<Testbed> {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-chaos-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const server = await openPrivateRedis({ dataDir: folder, env: process.env });
  const redis = new Redis(server.path, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  const importAuthorization = 'Bearer import-token';
  const sandbox = await startSandbox({ seed, latencyMs, importAuthorization });
  const commandLineProxy = await openFaultProxy({ path: server.path });
  const prefix = '{chaos}';
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    DATA_DIR: folder,
    STORE_MARK_DIR: join(folder, 'marks'),
    QUEUE_PREFIX: prefix,
    PROGRAMS_FILE: resolve('examples/programs.yaml'),
    PORT: '0',
    WRITEBACK_MAX_WAIT_MS: '200',
    RETRY_DELAYS: '1,2,4,8,16,16,16',
    // In some scenarios Passmachine refuses every row.
    PAUSE_AT_FAILURES: '0',
    ...settingsFor(sandbox),
    ...(importAbove !== undefined && (await importSettings(importAbove))),
    ...more,
  };
  const keys = makeLedgerKeys(prefix);
  // Marks the empty store as current; queues without a data version look like those of an older release.
  await makeDataVersion(redis, keys, prefix).check();
  const ledger = makeCampaignLedger(redis, keys);
  const campaignQueue = openCampaignQueue(redis, prefix);
  const passQueue = openPassQueue(redis, prefix);

  const run = async (...args: string[]): Promise<string> => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: folder,
      env: { ...env, REDIS_URL: `redis://127.0.0.1:${commandLineProxy.port}` },
    });
    let printed = '';
    child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    child.stderr.on('data', (text: Buffer) => (printed += text.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`passbridge ${args.join(' ')} exited with ${code}: ${printed}`);
    return printed;
  };
  let exports = 0;
  const start = async (action: 'issue' | 'reissue', csv: string): Promise<string> => {
    exports += 1;
    const file = `export-${exports}.csv`;
    await writeFile(join(folder, file), csv);
    await run(action, 'loyalty', file, '--detach');
    const [newest] = await ledger.list(1);
    if (newest === undefined) throw new Error('the campaign was not started');
    return newest.id;
  };
  const campaign = async (id: string): Promise<Campaign> => {
    const found = await ledger.find(id);
    if (found === undefined) throw new Error(`no campaign ${id}`);
    return found;
  };

  const inPassQueue = async () => {
    const { waiting, delayed, active } = await passQueue.depth();
    return waiting + delayed + active;
  };

  return {
    random: makeRandom(seed),
    folder,
    env,
    prefix,
    server,
    redis,
    sandbox,
    passQueue,
    interrupted: openInterruptedCreates(redis, prefix, sandbox.witness),
    addFaults(...rules) {
      for (const text of rules) {
        const parsed = parseFaultRule(text);
        if (!parsed.ok) throw new Error(parsed.error);
        sandbox.faults.add(parsed.rule);
      }
    },
    run,
    start,
    startCampaign: (rows) => start('issue', goodCustomers(rows)),
    campaign,
    async logLines() {
      const logs = (await readdir(folder)).filter((name) => /^worker-\d+\.log$/.test(name));
      const texts = await Promise.all(logs.map((name) => readFile(join(folder, name), 'utf8')));
      return texts.flatMap((text) => text.split('\n'));
    },
    async waitForEnd(id, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      let busyAt = performance.now();
      for (;;) {
        const found = await campaign(id);
        // A bulk retry whose process died waits until its lock expires; jobs are reconciled a second after Redis was
        // lost. Neither shows in the campaign, but both are unfinished work.
        const pending = (await campaignQueue.pending()) + (await inPassQueue());
        if (!isOver(found) || pending > 0) busyAt = performance.now();
        else if (performance.now() > busyAt + QUIET_MS) return found;
        if (performance.now() > deadline)
          throw new Error(`the campaign did not end within ${timeoutMs} ms: ${JSON.stringify(found)}`);
        await sleep(POLL_MS);
      }
    },
    async close({ keepFolder }) {
      await commandLineProxy.close();
      await campaignQueue.close();
      await passQueue.close();
      redis.disconnect();
      await server.close();
      await sandbox.close();
      if (!keepFolder) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function importSettings(above: number): Promise<Record<string, string>> {
  const port = await freePort();
  return {
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    WEBHOOK_TOKEN: 'import-token',
    BLOOMREACH_IMPORT_ABOVE: String(above),
    BLOOMREACH_IMPORT_ID: 'passes-import',
  };
}
