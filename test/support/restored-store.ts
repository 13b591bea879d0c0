/** An installation whose store is taken back in time, in real processes with a private Redis. */

import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { expect, onTestFinished } from 'vitest';
import { openLocation } from '../../src/kit/private-redis/location.ts';
import { findServerPid } from '../../src/kit/private-redis/server-process.ts';
import { type Ended, makeWorkspace, type Running } from './cli.ts';
import { goodCustomers } from './customers.ts';
import { eventually } from './eventually.ts';

interface StatusJson {
  restored?: { kind: string; cause: string };
  campaigns: {
    id: string;
    status: string;
    rows: number;
    done: number;
    skipped: number;
    unknown: number;
    pending: number;
  }[];
}

/** Rows of the campaign; RESTORE_ROWS runs the same with more. */
export const RESTORE_ROWS = Number(process.env['RESTORE_ROWS'] ?? 300);

/** Generous, because each run starts many processes and other tests run beside it. */
const TIMEOUT_MS = 300_000;

/** Makes a workspace with a DATA_DIR of its own, and its marks beside it. `rows`: of the campaign, which lasts 30 s. */
export async function makeInstallation({
  rows = RESTORE_ROWS,
  settings = {},
}: { rows?: number; settings?: Record<string, string> } = {}) {
  const workspace = await makeWorkspace({ latencyMs: 100 });
  const dataDir = join(workspace.folder, 'data');
  const markDir = join(workspace.folder, 'marks');
  Object.assign(workspace.env, {
    DATA_DIR: dataDir,
    STORE_MARK_DIR: markDir,
    PAUSE_AT_FAILURES: '0',
    // A run lasts 30 s, so that commands can be run in its middle.
    PASSMACHINE_MAX_PER_SECOND: String(Math.ceil(rows / 30)),
    ...settings,
  });
  const { sandbox, start, run, write, folder } = workspace;

  // Runs after the processes have been killed and before the folder is removed: a failed test leaves no Redis behind.
  onTestFinished(() => killPrivateRedis(dataDir));
  const started: Running[] = [];
  const up = async (): Promise<Running> => {
    const running = start(['up']);
    started.push(running);
    await eventually(
      () => expect(running.stdout(), running.stderr().slice(-2000)).toMatch(/is up at/),
      TIMEOUT_MS,
    );
    return running;
  };
  const status = async () => JSON.parse((await run(['status', '--json'])).stdout) as StatusJson;
  const saved = (customer: string) =>
    sandbox.customers.properties(`registered:${customer}`)?.['passmachine_pass_id'];

  return {
    ...workspace,
    dataDir,
    markDir,
    up,
    status,
    /** The card id that Bloomreach has for a customer. */
    saved,
    /** Starts the campaign, and waits until this share of its cards is made. */
    async issue(share: number) {
      await write('all.csv', goodCustomers(rows));
      const ended = await run(['issue', 'loyalty', 'all.csv', '--detach']);
      expect(ended.code, ended.stderr).toBe(0);
      await this.cardsMade(share);
    },
    cardsMade: (share: number) =>
      eventually(() => expect(sandbox.passes.size).toBeGreaterThan(share * rows), TIMEOUT_MS),
    /** Pauses the campaign, and waits until Bloomreach has every card that was made. */
    async pauseAndSave() {
      const [campaign] = (await status()).campaigns;
      const paused = await run(['pause', campaign?.id ?? '']);
      expect(paused.code, paused.stderr).toBe(0);
      await this.allSaved();
    },
    /** Waits until Bloomreach has every card that was made. */
    allSaved: () =>
      eventually(() => {
        const cards = [...sandbox.witness.createsApplied().keys()];
        expect(cards.filter((customer) => saved(customer) === undefined)).toEqual([]);
      }),
    /** Stops a process, and with the last one the private Redis. */
    async stop({ child, ended }: Running, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<Ended> {
      child.kill(signal);
      return ended;
    },
    copy: (from: string, to: string) =>
      cp(from, to, { recursive: true, preserveTimestamps: true, filter: isData }),
    remove: (path: string) => rm(path, { recursive: true, force: true }),
    /** Ends the private Redis by `kill -9`. */
    killRedis: () => killPrivateRedis(dataDir),
    /** What all processes so far have logged. */
    log: () => started.map(({ stderr }) => stderr()).join(''),
    /** Writes what Bloomreach has now: all customers, with the card ids that were written back. */
    async exportNow(name: string) {
      const lines = Array.from({ length: rows }, (_, n) => {
        const customer = `c-${n + 1}`;
        return { registered: customer, passmachine_pass_id: saved(customer) ?? '' };
      });
      await write(name, stringify(lines, { header: true }));
      return join(folder, name);
    },
    /** Customers with more than one card, and with none. */
    judge() {
      const cards = sandbox.witness.createsApplied();
      const customers = Array.from({ length: rows }, (_, n) => `c-${n + 1}`);
      return { second: sandbox.witness.doubles(), without: customers.filter((one) => !cards.has(one)) };
    },
  };
}

/** Does nothing if it does not run. */
async function killPrivateRedis(dataDir: string): Promise<void> {
  const location = await openLocation(dataDir);
  const pid = await findServerPid(location);
  await location.close();
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

/** A socket cannot be copied. */
function isData(path: string): boolean {
  return !path.endsWith('.sock') && !path.endsWith('.lock');
}
