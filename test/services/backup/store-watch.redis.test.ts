/** What happens to campaigns when the store is found to be restored, with a real Redis. */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CampaignOrder, CampaignWork } from '../../../src/domain/campaigns/campaign.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { declareRestored } from '../../../src/services/backup/declaration.ts';
import { closeIfReconciled, reconcileCards } from '../../../src/services/backup/reconcile.ts';
import { openStoreWatch, type WatchedStores } from '../../../src/services/backup/store-watch.ts';
import { haltCampaign, resumeCampaign } from '../../../src/services/campaigns/control.ts';
import { silent, testAction } from '../../support/make.ts';
import { openTestStores } from '../../support/stores.ts';

/** Opens stores with a DATA_DIR of their own for the marks. `isPrivate`: as if their Redis were in it, too. */
async function openStore({ isPrivate = false } = {}) {
  const opened = await openTestStores();
  const { cwd, config, stores } = opened;
  const files = { ...config.files, dataDir: join(cwd, 'data'), storeMarkDir: join(cwd, 'marks') };
  // The suite shares one private Redis, whose folder is elsewhere.
  const redis = { ...config.redis, address: isPrivate ? undefined : { path: 'unused' } };
  if (isPrivate) await mkdir(join(files.dataDir, 'redis'), { recursive: true });
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const watch = async (watched: WatchedStores = stores) => {
    const opening = { config: { files, redis }, stores: watched, clock: systemClock, say, log: silent };
    const found = await openStoreWatch(opening);
    onTestFinished(async () => void (await found.stop()));
    return found;
  };
  const create = (id: string, action: CampaignWork, program = 'loyalty') => {
    const fingerprint = { size: 1, mtimeMs: 1 };
    const source = { kind: 'file', path: '/none.csv', fingerprint } as const;
    const order: CampaignOrder = { id, program, action, source, createdAt: systemClock() };
    return stores.campaigns.create(order);
  };
  const statusOf = async (id: string) => (await stores.campaigns.find(id))?.status;
  return { ...opened, files, watch, create, statusOf, said };
}

async function restored() {
  const own = await openStore();
  await own.create('issue-1', 'issue');
  await own.create('notify-1', 'notify');
  await own.create('update-1', 'update');
  await own.create('paused-1', 'reissue');
  await haltCampaign(own.stores, 'paused-1', 'paused', testAction);
  await declareRestored({ files: own.files }, {});
  await own.watch();
  return own;
}

describe('a store that was restored', () => {
  it('holds campaigns that would repeat something, and those that start later', async () => {
    const { create, statusOf, said } = await restored();
    expect(await statusOf('issue-1')).toBe('held');
    expect(await statusOf('notify-1')).toBe('held');
    expect(await statusOf('update-1')).toBe('running');
    await create('issue-2', 'issue');
    await create('update-2', 'update');
    expect(await statusOf('issue-2')).toBe('held');
    expect(await statusOf('update-2')).toBe('running');
    expect(said).toEqual([expect.stringContaining('Held campaigns: 2.')]);
  });

  it('refuses to resume any campaign that makes cards until they are reconciled', async () => {
    const { stores } = await restored();
    for (const id of ['issue-1', 'paused-1']) {
      await expect(resumeCampaign(stores, id, testAction)).rejects.toThrow('passbridge reconcile loyalty');
    }
    expect((await resumeCampaign(stores, 'notify-1', testAction)).status).toBe('running');
  });

  it('is declared once: the next process finds nothing new', async () => {
    const { stores, watch, said } = await restored();
    await resumeCampaign(stores, 'notify-1', testAction);
    await watch();
    expect(said).toHaveLength(1);
    expect((await stores.campaigns.find('notify-1'))?.status).toBe('running');
  });

  it('is reconciled by an export from after its restore only, counts with a dry run, and can be reconciled again', async () => {
    const { stores, cwd, create } = await restored();
    const file = join(cwd, 'export.csv');
    await writeFile(
      file,
      'registered,passmachine_pass_id,passmachine_pass_gendate\nc-1,p-1,9999999999\nc-2,,\nc-3,p-3,1\n',
    );
    const request = {
      program: 'loyalty',
      file,
      idTypes: ['registered'],
      dryRun: false,
      exportedAt: systemClock() + 1000,
    };
    const old = { ...request, exportedAt: systemClock() - 3_600_000 };
    await expect(reconcileCards(stores, old, testAction)).rejects.toThrow(
      'before the store was found restored',
    );
    const counts = { customers: 3, withCard: 2, recorded: 2, unreadable: 0 };
    expect(await reconcileCards(stores, { ...request, dryRun: true }, testAction)).toMatchObject(counts);
    expect(await reconcileCards(stores, request, testAction)).toMatchObject(counts);
    await expect(reconcileCards(stores, request, testAction)).rejects.toThrow('are reconciled');
    expect((await resumeCampaign(stores, 'issue-1', testAction)).status).toBe('running');
    await create('issue-3', 'issue');
    expect((await stores.campaigns.find('issue-3'))?.status).toBe('running');
  });

  it('is reconciled by an export in a confirmed encoding', async () => {
    const { stores, cwd } = await restored();
    const file = join(cwd, 'export.csv');
    const rows = 'registered,město,passmachine_pass_id,passmachine_pass_gendate\nč-1,Plzeň,p-1,1\n';
    await writeFile(file, iconv.encode(rows, 'windows-1250'));
    const exportedAt = systemClock() + 1000;
    const request = { program: 'loyalty', file, idTypes: ['registered'], dryRun: false, exportedAt };
    await expect(reconcileCards(stores, request, testAction)).rejects.toThrow(
      'set --encoding to windows-1250',
    );
    const read = await reconcileCards(stores, { ...request, encoding: 'windows-1250' }, testAction);
    expect(read).toMatchObject({ customers: 1, withCard: 1, unreadable: 0 });
  });

  it('stays restored until every program is reconciled', async () => {
    const { stores, cwd, create, statusOf } = await restored();
    const file = join(cwd, 'export.csv');
    await writeFile(file, 'registered,passmachine_pass_id,passmachine_pass_gendate\nc-1,p-1,1\n');
    await reconcileCards(
      stores,
      { program: 'loyalty', file, idTypes: ['registered'], dryRun: false, exportedAt: systemClock() + 1000 },
      testAction,
    );
    expect(await closeIfReconciled(stores, ['loyalty', 'gold'])).toEqual(['gold']);
    await create('gold-1', 'issue', 'gold');
    expect(await statusOf('gold-1')).toBe('held');
    expect(await closeIfReconciled(stores, ['loyalty'])).toEqual([]);
    expect(await stores.storeNotice.find()).toBeUndefined();
  });

  it('refuses an export without the columns that say who has a card', async () => {
    const { stores, cwd } = await restored();
    const file = join(cwd, 'export.csv');
    await writeFile(file, 'registered,email\nc-1,a@example.com\n');
    const request = {
      program: 'loyalty',
      file,
      idTypes: ['registered'],
      dryRun: true,
      exportedAt: systemClock() + 1000,
    };
    await expect(reconcileCards(stores, request, testAction)).rejects.toThrow(
      'no column passmachine_pass_id',
    );
  });
});

describe('a store', () => {
  it('is noticed when it no longer has what the marks outside show', async () => {
    const { stores, watch, keys, said, files } = await openStore();
    const first = await watch();
    first.start();
    await expect.poll(async () => (await stores.storeMarks.homes()).length).toBe(1);
    const [home = ''] = await stores.storeMarks.homes();
    await expect.poll(async () => (await stores.storeMarks.read(home)).count).toBeGreaterThan(5);
    await first.stop();
    await watch();
    expect(said).toEqual([]);

    const { epoch, count } = await stores.storeMarks.read(home);
    await stores.redis.hset(keys.storeMarks, home, `${count - 3} 1700000000000`);
    // The mark in DATA_DIR went back as well.
    await rm(join(files.dataDir, 'store-marks'), { recursive: true });
    await watch();
    expect(said).toEqual([expect.stringContaining('went back to its state of 2023-11-14')]);
    await watch();
    expect(said).toHaveLength(1);
    expect((await stores.storeMarks.homes()).length).toBe(2);
    expect(epoch).toBe(1);
  });

  it('is current for processes that start before the first of them has saved its mark', async () => {
    const { stores, watch, said } = await openStore({ isPrivate: true });
    let save: (() => void) | undefined;
    const mayBeSaved = new Promise<void>((resolve) => {
      save = resolve;
    });
    const { storeMarks } = stores;
    const advance: typeof storeMarks.advance = async (home) => {
      const advanced = await storeMarks.advance(home);
      await mayBeSaved;
      return advanced;
    };
    const first = await watch({ ...stores, storeMarks: { ...storeMarks, advance } });
    first.start();
    await expect.poll(() => storeMarks.homes()).toHaveLength(1);
    const second = await watch();
    expect(said).toEqual([]);

    save?.();
    second.start();
    const [home = ''] = await storeMarks.homes();
    await expect.poll(async () => (await storeMarks.read(home)).count).toBeGreaterThan(3);
    expect(await storeMarks.homes()).toEqual([home]);
    expect(said).toEqual([]);
  });

  it('is current after months in which no process worked with it', async () => {
    const { stores, watch, said, files, config } = await openStore({ isPrivate: true });
    const first = await watch();
    first.start();
    await expect.poll(() => stores.storeMarks.homes()).toHaveLength(1);
    await first.stop();
    const [home = ''] = await stores.storeMarks.homes();
    const inDataDir = `store-marks/${config.redis.prefix.replaceAll(/[^\w-]/g, '')}.json`;
    for (const path of [join(files.dataDir, inDataDir), join(files.storeMarkDir, `${home}.json`)]) {
      const mark = JSON.parse(await readFile(path, 'utf8')) as { at: number };
      await writeFile(path, JSON.stringify({ ...mark, at: systemClock() - 61 * 86_400_000 }));
    }
    await watch();
    expect(said).toEqual([]);
  });

  it('counts as copied in a DATA_DIR without a mark, also for processes that start at once', async () => {
    const { stores, watch, said, files, create, statusOf } = await openStore({ isPrivate: true });
    const first = await watch();
    first.start();
    await expect.poll(() => stores.storeMarks.homes()).toHaveLength(1);
    await first.stop();
    await create('issue-1', 'issue');
    await rm(join(files.dataDir, 'store-marks'), { recursive: true });
    await rm(files.storeMarkDir, { recursive: true });
    await Promise.all([watch(), watch()]);
    expect(await statusOf('issue-1')).toBe('held');
    expect(said[0]).toContain('were copied here');
    await watch();
    expect(said.length).toBeLessThanOrEqual(2);
  });
});
