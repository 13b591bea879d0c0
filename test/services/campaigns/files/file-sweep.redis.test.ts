import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { haltCampaign } from '../../../../src/services/campaigns/control.ts';
import { ownFolders, sweepFiles } from '../../../../src/services/campaigns/files/file-sweep.ts';
import { makeOrder } from '../../../support/make.ts';
import { openTestStores } from '../../../support/stores.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Writes files of an age in an upload folder and in a spool folder, and starts campaigns on some. */
async function openFolders() {
  const { stores, config, cwd } = await openTestStores();
  const folders = ownFolders({ files: { ...config.files, dataDir: join(cwd, 'data') } });
  const [uploads = '', spool = ''] = folders.map(({ path }) => path);
  await Promise.all([uploads, spool].map((folder) => mkdir(folder, { recursive: true })));
  const now = Date.now();
  const write = async (folder: string, name: string, ageMs: number) => {
    const path = join(folder, name);
    await writeFile(path, '');
    await utimes(path, (now - ageMs) / 1000, (now - ageMs) / 1000);
    return path;
  };
  const start = async (id: string, path: string) => {
    const source = { kind: 'file', path, fingerprint: { size: 0, mtimeMs: 0 } } as const;
    await stores.campaigns.create({ ...makeOrder(id), source });
  };
  const finish = async (id: string, ageMs: number) => {
    await stores.campaigns.markFed(id, 0);
    await stores.campaigns.close(id, { isOver: true, now: now - ageMs });
  };
  const sweep = async () => {
    await sweepFiles(folders, stores, now);
    const names = await Promise.all([uploads, spool].map((folder) => readdir(folder)));
    return names.map((some) => some.toSorted());
  };
  return { uploads, spool, write, start, finish, sweep, stores };
}

it('deletes uploads a day after their last use, and fetched files after 30 days, unless a campaign needs them', async () => {
  const { uploads, spool, write, start, finish, sweep, stores } = await openFolders();
  for (const [name, ageMs, usedMs] of [
    ['unused', 26 * HOUR, 26 * HOUR],
    ['used-by-a-draft', 26 * HOUR, HOUR],
    ['arriving', HOUR, 40 * HOUR],
    ['running', 40 * DAY, 40 * DAY],
    ['stopped', 40 * DAY, 40 * DAY],
    ['ended-lately', 40 * DAY, 40 * DAY],
    ['ended-long-ago', 40 * DAY, 40 * DAY],
    ['not-written-back', 40 * DAY, 40 * DAY],
  ] as const) {
    const path = await write(uploads, name, ageMs);
    await write(uploads, `${name}.json`, usedMs);
    if (ageMs > 30 * DAY) await start(name, path);
  }
  await haltCampaign(stores, 'stopped', 'stopped', { by: 'x', via: 'api', reason: '' });
  await finish('ended-lately', 29 * DAY);
  await finish('ended-long-ago', 31 * DAY);
  await stores.campaigns.markFed('not-written-back', 0);
  await write(spool, 'unused.csv', 29 * DAY);
  await write(spool, 'old.csv', 31 * DAY);
  await start('of-a-source', await write(spool, 'needed.csv', 31 * DAY));

  const kept = ['arriving', 'ended-lately', 'not-written-back', 'running', 'stopped', 'used-by-a-draft'];
  expect(await sweep()).toEqual([
    kept.flatMap((name) => [name, `${name}.json`]).toSorted(),
    ['needed.csv', 'unused.csv'],
  ]);
});

it('sweeps folders that do not exist', async () => {
  const { stores, config, cwd } = await openTestStores();
  const folders = ownFolders({ files: { ...config.files, dataDir: join(cwd, 'none') } });
  await expect(sweepFiles(folders, stores, Date.now())).resolves.toBeUndefined();
});
