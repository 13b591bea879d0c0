/**
 * What one chaos run plays in: a Redis of its own, a sandbox, a folder, and the command line. Only
 * the two companies are played; everything else is what a customer would run.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { settingsFor } from '../../src/services/rehearsal.ts';
import { isOver } from '../../src/cli/output/progress.ts';
import type { Campaign } from '../../src/domain/campaigns/campaign.ts';
import { sleep } from '../../src/kit/clock.ts';
import { openPrivateRedis, type PrivateRedis } from '../../src/kit/private-redis/open.ts';
import { makeCampaignLedger } from '../../src/ledger/campaigns/campaign-ledger.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { openCampaignQueue } from '../../src/queue/campaign-queue.ts';
import { openPassQueue } from '../../src/queue/pass-queue.ts';
import { parseFaultRule } from '../../src/sandbox/fault-text.ts';
import { makeRandom } from '../../src/sandbox/random.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { goodCustomers } from '../support/customers.ts';
import { openTap } from './tap.ts';

export const main = resolve('dist/main.js');

export interface WorldOptions {
  seed: number;
  /** Of both sides; 100 ms. */
  latencyMs?: number;
  /** Settings on top of the run's own. */
  env?: Record<string, string>;
}

export interface World {
  /** The run's dice. */
  readonly random: () => number;
  readonly folder: string;
  /** Environment of every process, but for the addresses of its neighbours. */
  readonly env: Readonly<Record<string, string>>;
  readonly prefix: string;
  readonly server: PrivateRedis;
  /** A connection that no fault touches. */
  readonly redis: Redis;
  readonly sandbox: Sandbox;
  /** Adds faults in the words of `passbridge sandbox --fault`. */
  fault(...rules: string[]): void;
  /** Runs a command to its end; throws with what it printed where the exit code is not 0. */
  run(...args: string[]): Promise<string>;
  /** Orders cards for `c-1` to `c-{rows}` and leaves it to the workers; returns the campaign's id. */
  order(rows: number): Promise<string>;
  campaign(id: string): Promise<Campaign>;
  /** Waits until every row has ended and every card is saved; throws with the counters when it takes too long. */
  over(id: string, timeoutMs: number): Promise<Campaign>;
  /** Stops all; `keep` leaves the folder with its logs. */
  close(options: { keep: boolean }): Promise<void>;
}

const POLL_MS = 50;

export async function openWorld({ seed, latencyMs = 100, env: more = {} }: WorldOptions): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-chaos-'));
  const server = await openPrivateRedis({ dataDir: folder, env: process.env });
  const redis = new Redis(server.path, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  const sandbox = await startSandbox({ seed, latencyMs });
  const quiet = await openTap({ path: server.path });
  const prefix = '{chaos}';
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    DATA_DIR: folder,
    QUEUE_PREFIX: prefix,
    PROGRAMS_FILE: resolve('examples/programs.yaml'),
    PORT: '0',
    WRITEBACK_MAX_WAIT_MS: '200',
    RETRY_DELAYS: '1,2,4,8,16,16,16',
    // Some scenarios have every row refused.
    PAUSE_AT_FAILURES: '0',
    ...settingsFor(sandbox),
    ...more,
  };
  const ledger = makeCampaignLedger(redis, makeLedgerKeys(prefix));
  const campaignQueue = openCampaignQueue(redis, prefix);
  const passQueue = openPassQueue(redis, prefix);

  const run = async (...args: string[]): Promise<string> => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: folder,
      env: { ...env, REDIS_URL: `redis://127.0.0.1:${quiet.port}` },
    });
    let printed = '';
    child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    child.stderr.on('data', (text: Buffer) => (printed += text.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`passbridge ${args.join(' ')} ended with ${code}: ${printed}`);
    return printed;
  };
  const campaign = async (id: string): Promise<Campaign> => {
    const found = await ledger.find(id);
    if (found === undefined) throw new Error(`there is no campaign ${id}`);
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
    fault(...rules) {
      for (const text of rules) {
        const parsed = parseFaultRule(text);
        if (!parsed.ok) throw new Error(parsed.error);
        sandbox.faults.add(parsed.rule);
      }
    },
    run,
    async order(rows) {
      await writeFile(join(folder, 'export.csv'), goodCustomers(rows));
      await run('issue', 'loyalty', 'export.csv', '--detach');
      const [newest] = await ledger.list(1);
      if (newest === undefined) throw new Error('the campaign was not ordered');
      return newest.id;
    },
    campaign,
    async over(id, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const found = await campaign(id);
        // A retry that waits for its dead process to be noticed is work that is not over, and so are jobs that are
        // gone through once more, a second later, since Redis may have forgotten their end.
        const left = (await campaignQueue.pending()) + (await inPassQueue());
        if (isOver(found) && left === 0) return found;
        if (performance.now() > deadline) throw new Error(`not over in time: ${JSON.stringify(found)}`);
        await sleep(POLL_MS);
      }
    },
    async close({ keep }) {
      await quiet.close();
      await campaignQueue.close();
      await passQueue.close();
      redis.disconnect();
      await server.close();
      await sandbox.close();
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}
