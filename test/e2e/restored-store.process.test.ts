/** A store that went back in time must not repeat the past. The witness counts the cards. */

import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { makeInstallation, RESTORE_ROWS } from '../support/restored-store.ts';
import { startServer } from '../support/redis-servers.ts';
import { WITNESS_REPORT } from '../support/witness-reporter.ts';

type Installation = Awaited<ReturnType<typeof makeInstallation>>;

/** Starts the restored installation, reconciles and resumes it, and returns the judgment. */
async function recover(own: Installation) {
  const made = own.sandbox.passes.size;
  const up = await own.up();
  const { campaigns } = await own.status();
  const [campaign] = campaigns;
  expect(campaign).toMatchObject({ status: 'held' });
  expect(campaign?.rows).toBe(sumOfStates(campaign));
  const id = campaign?.id ?? '';
  const refused = await own.run(['resume', id]);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('passbridge reconcile') });
  expect(own.sandbox.passes.size).toBe(made);

  const reconciled = await own.run(['reconcile', 'loyalty', await own.exportNow('fresh.csv')]);
  expect(reconciled.code, reconciled.stdout + reconciled.stderr).toBe(0);
  const resumed = await own.run(['resume', id, '--detach']);
  expect(resumed.code, resumed.stderr).toBe(0);
  const ended = await eventually(async () => {
    const [found] = (await own.status()).campaigns;
    expect(found).toMatchObject({ status: 'finished', pending: 0 });
    return found;
  }, 300_000);
  await own.stop(up);
  const { second, without } = own.judge();
  const recorded = /([\d,]+) {2}of them recorded/.exec(reconciled.stdout)?.[1];
  const report = `Restored store: ${RESTORE_ROWS} rows, ${made} cards before it, ${recorded} recorded by reconcile, then ${ended?.done} done, ${ended?.skipped} skipped, ${ended?.unknown} unknown; ${second.length} second cards, ${without.length} customers without one`;
  return { second, without, unknown: ended?.unknown ?? 0, report };
}

/** A snapshot that was taken in the middle of a step would not add up. */
function sumOfStates(campaign: Record<string, unknown> = {}): number {
  const states = ['done', 'skipped', 'rejected', 'failed', 'unknown', 'stopped', 'pending'];
  return states.reduce((sum, state) => sum + Number(campaign[state]), 0);
}

async function backUp(own: Installation) {
  const saved = await own.run(['backup', 'mid-run.tar']);
  expect(saved.code, saved.stderr).toBe(0);
  expect((await stat(join(own.folder, 'mid-run.tar'))).mode & 0o777).toBe(0o600);
}

async function restore(own: Installation) {
  const restored = await own.run(['restore', 'mid-run.tar']);
  expect(restored.code, restored.stderr).toBe(0);
  expect(restored.stderr).toContain('Held campaigns: 1.');
}

/** Each run starts a dozen processes one after the other. */
const TIMEOUT_MS = 600_000;

describe('a store that went back in time', { timeout: TIMEOUT_MS }, () => {
  it('is held after a copy of DATA_DIR was restored in its place', async ({ annotate }) => {
    const own = await makeInstallation();
    const up = await own.up();
    await own.issue(0.2);
    await own.copy(own.dataDir, join(own.folder, 'copy'));
    await own.cardsMade(0.5);
    await own.stop(up);
    await own.remove(own.dataDir);
    await own.copy(join(own.folder, 'copy'), own.dataDir);
    const { second, without, report } = await recover(own);
    await annotate(report, WITNESS_REPORT);
    expect({ second, without }).toEqual({ second: [], without: [] });
  });

  it('is held after only its Redis files were restored', async ({ annotate }) => {
    const own = await makeInstallation();
    const up = await own.up();
    await own.issue(0.2);
    const redis = join(own.dataDir, 'redis');
    await own.copy(redis, join(own.folder, 'copy'));
    await own.cardsMade(0.5);
    await own.stop(up);
    await own.remove(redis);
    await own.copy(join(own.folder, 'copy'), redis);
    const { second, without, report } = await recover(own);
    await annotate(report, WITNESS_REPORT);
    expect({ second, without }).toEqual({ second: [], without: [] });
  });

  it('is held after `passbridge restore` of a backup that was made in mid-run', async ({ annotate }) => {
    const own = await makeInstallation();
    const up = await own.up();
    await own.issue(0.2);
    await backUp(own);
    await own.cardsMade(0.5);
    await own.stop(up, 'SIGKILL');
    await own.killRedis();
    await own.remove(own.dataDir);
    await restore(own);
    const { second, without, unknown, report } = await recover(own);
    await annotate(report, WITNESS_REPORT);
    expect(second).toEqual([]);
    // The calls in flight at the kill: an operator decides about them.
    expect(without.length).toBeLessThanOrEqual(unknown);
    expect(unknown).toBeLessThanOrEqual(20);
  });

  it('is reconciled from Bloomreach after a restore on another machine and Redis, without marks and journals', async ({
    annotate,
  }) => {
    const own = await makeInstallation();
    const up = await own.up();
    await own.issue(0.2);
    await backUp(own);
    await own.cardsMade(0.5);
    await own.pauseAndSave();
    await own.stop(up);
    await own.remove(own.dataDir);
    await own.remove(own.markDir);
    const server = await startServer();
    own.env['REDIS_URL'] = `redis://${server.address}`;
    await restore(own);
    await own.remove(own.dataDir);
    expect(await own.run(['restore', 'mid-run.tar'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a restore replaces nothing'),
    });
    const { second, without, report } = await recover(own);
    await annotate(report, WITNESS_REPORT);
    expect({ second, without }).toEqual({ second: [], without: [] });
  });

  it('is held after `restore --declare`, where a snapshot of the whole disk shows nothing by itself', async ({
    annotate,
  }) => {
    const own = await makeInstallation();
    const snapshot = (path: string) => join(own.folder, 'snapshot', basename(path));
    const before = await own.up();
    await own.issue(0.2);
    await own.stop(before);
    for (const path of [own.dataDir, own.markDir]) await own.copy(path, snapshot(path));
    const up = await own.up();
    await own.cardsMade(0.5);
    await own.pauseAndSave();
    await own.stop(up);
    for (const path of [own.dataDir, own.markDir]) {
      await own.remove(path);
      await own.copy(snapshot(path), path);
    }
    expect((await own.status()).restored).toBeUndefined();
    const declared = await own.run(['restore', '--declare']);
    expect(declared.code, declared.stderr).toBe(0);
    expect(declared.stderr).toContain('Held campaigns: 1.');
    const { second, without, report } = await recover(own);
    await annotate(report, WITNESS_REPORT);
    expect({ second, without }).toEqual({ second: [], without: [] });
  });

  it('is noticed within 5 s after FLUSHALL in mid-run, and every result goes home', async ({ annotate }) => {
    const own = await makeInstallation();
    const up = await own.up();
    await own.issue(0.4);
    const redis = new Redis(join(own.dataDir, 'redis', 'redis.sock'));
    onTestFinished(() => redis.disconnect());
    await redis.flushall();
    const flushedAt = performance.now();
    await eventually(() => expect(up.stderr()).toContain('Redis lost its data'));
    const seconds = ((performance.now() - flushedAt) / 1000).toFixed(1);
    await annotate(`FLUSHALL in mid-run: said after ${seconds} s`, WITNESS_REPORT);
    expect((await own.status()).restored).toMatchObject({ kind: 'restored', cause: 'lost' });
    await own.allSaved();
    await own.run(['issue', 'loyalty', 'all.csv', '--detach', '--yes']);
    expect((await own.status()).campaigns).toMatchObject([{ status: 'held' }]);
    await own.stop(up);
  });
});
