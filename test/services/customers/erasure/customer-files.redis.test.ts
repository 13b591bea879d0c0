import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import {
  deleteFile,
  findFiles,
  isDeletable,
} from '../../../../src/services/customers/erasure/customer-files.ts';
import { customerById } from '../../../../src/domain/customers/customer-query.ts';
import { makeOrder } from '../../../support/make.ts';
import { openTestStores } from '../../../support/stores.ts';

const DAY = 86_400_000;
const csv = (...customers: string[]) =>
  ['registered,first_name', ...customers.map((id) => `${id},A`), ''].join('\n');

it('finds files with a row of the customer, and deletes only those that no campaign needs', async () => {
  const { stores, config, cwd } = await openTestStores();
  const now = Date.now();
  const at = { ...config, files: { ...config.files, dataDir: join(cwd, 'data') } };
  const [spool, uploads] = [join(cwd, 'data/spool'), join(cwd, 'data/uploads')];
  await mkdir(spool, { recursive: true });
  await mkdir(uploads, { recursive: true });
  const write = async (path: string, content: string | Buffer, ageDays = 3) => {
    await writeFile(path, content);
    await utimes(path, now / 1000 - ageDays * 86_400, now / 1000 - ageDays * 86_400);
    return path;
  };
  const ended = await write(join(spool, 'ended.csv.gz'), gzipSync(csv('c-1', 'c-77')));
  const running = await write(join(spool, 'running.csv'), csv('c-77'));
  const theirs = await write(join(cwd, 'theirs.csv'), csv('c-7', 'c-77'));
  await write(join(uploads, '1a2b'), csv('c-77'));
  await write(join(uploads, '1a2b.json'), '{"id":"1a2b","metadata":{"filename":"c-77.csv"}}');
  await write(join(uploads, '3c4d'), csv('c-77'), 0);
  await write(join(uploads, 'broken'), 'a,b\n1');
  await write(join(spool, 'other.csv'), csv('c-7', 'c-777', 'x-c-77'));
  for (const [id, path] of [
    ['ended', ended],
    ['running', running],
    ['theirs', theirs],
  ] as const) {
    const fingerprint = { size: 1, mtimeMs: 1 };
    await stores.campaigns.create({ ...makeOrder(id), source: { kind: 'file', path, fingerprint } });
    if (id === 'ended') await stores.campaigns.markFed(id, 0);
  }

  const found = await findFiles(stores, at, { query: customerById('registered:c-77'), now });
  const listed = found.map((file) => [basename(file.path), isDeletable(file), file.neededBy] as const);
  expect(listed.toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
    ['1a2b', true, []],
    ['3c4d', false, []],
    ['broken', false, []],
    ['ended.csv.gz', true, []],
    ['running.csv', false, ['running']],
    ['theirs.csv', false, ['theirs']],
  ]);
  const sweptAt = (name: string) => found.find(({ path }) => basename(path) === name)?.sweptAt;
  expect(Math.round(((sweptAt('1a2b') ?? 0) - now) / DAY)).toBe(27);
  expect(sweptAt('theirs.csv')).toBeUndefined();
  await Promise.all(found.filter(isDeletable).map(deleteFile));
  const again = await findFiles(stores, at, { query: customerById('registered:c-77'), now });
  expect(again.map(({ path }) => basename(path)).toSorted()).toEqual([
    '3c4d',
    'broken',
    'running.csv',
    'theirs.csv',
  ]);
});
