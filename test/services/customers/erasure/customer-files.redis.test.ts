import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { expect, it } from 'vitest';
import { removeFile } from '../../../../src/services/campaigns/files/file-sweep.ts';
import { findFiles, isDeletable } from '../../../../src/services/customers/erasure/customer-files.ts';
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
    if (id !== 'ended') continue;
    await stores.campaigns.markFed(id, 0);
    await stores.campaigns.close(id, { isOver: true, now });
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
  expect(Math.round(((sweptAt('ended.csv.gz') ?? 0) - now) / DAY)).toBe(30);
  // Written three days ago, and deleted by the next sweep.
  expect(sweptAt('1a2b')).toBeGreaterThan(now - 2 * DAY);
  expect(sweptAt('theirs.csv')).toBeUndefined();
  await Promise.all(found.filter(isDeletable).map(removeFile));
  const again = await findFiles(stores, at, { query: customerById('registered:c-77'), now });
  expect(again.map(({ path }) => basename(path)).toSorted()).toEqual([
    '3c4d',
    'broken',
    'running.csv',
    'theirs.csv',
  ]);
});

it('finds a customer in files of other encodings, and in rows that cannot be read', async () => {
  const { stores, config, cwd } = await openTestStores();
  const at = { ...config, files: { ...config.files, dataDir: join(cwd, 'data') } };
  const spool = join(cwd, 'data/spool');
  await mkdir(spool, { recursive: true });
  const write = (name: string, content: string | Buffer) => writeFile(join(spool, name), content);
  const polish = 'registered;name\r\nc-1;Łukasz\r\nŻ-77;Michał\r\n';
  await write('campaign.csv', iconv.encode(polish, 'iso-8859-2'));
  await write('unread.csv', iconv.encode(polish, 'windows-1250'));
  await write('utf-16.csv', Buffer.from(`\uFEFF${polish}`, 'utf16le'));
  await write('ragged.csv', 'registered,name\nc-1,A\nŻ-77,Michał,extra\n');
  await write('headless.csv', gzipSync('name,Ż-77\n'));
  await write('other-ragged.csv', 'registered,name\nc-1,A\nŻ-777,Michał,extra\nx.Ż-77,A,B\n');
  await stores.campaigns.create({
    ...makeOrder('polish'),
    encoding: 'iso-8859-2',
    source: { kind: 'file', path: join(spool, 'campaign.csv'), fingerprint: { size: 1, mtimeMs: 1 } },
  });

  const found = await findFiles(stores, at, { query: customerById('registered:Ż-77'), now: Date.now() });
  const listed = found.map(({ path, unread }) => [basename(path), unread] as const);
  expect(listed.toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
    ['campaign.csv', undefined],
    ['headless.csv', undefined],
    ['ragged.csv', undefined],
    ['unread.csv', undefined],
    ['utf-16.csv', undefined],
  ]);
});
