import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FileStore, RemoteFile } from '../../../src/sources/remote/file-store.ts';
import { openFileStore } from '../../../src/sources/remote/open-file-store.ts';
import { openTestFolder, openTestS3, openTestSftp, type TestLocation } from './test-locations.ts';

const kinds = { folder: openTestFolder, sftp: openTestSftp, s3: openTestS3 };

describe.each(Object.entries(kinds))('a location of kind %s', (kind, openRemote) => {
  let remote: TestLocation;
  let store: FileStore;

  beforeAll(async () => {
    remote = await openRemote();
    store = await openFileStore(remote.location, { timeoutMs: 5000 });
  });

  afterEach(() => remote.clear());

  afterAll(async () => {
    await store.close();
    await remote.close();
  });

  /** Lists the files and returns the one of that name. */
  async function listed(name: string): Promise<RemoteFile> {
    const file = (await store.list()).find((one) => one.name === name);
    if (file === undefined) throw new Error(`${name} is not listed`);
    return file;
  }

  it('lists its files with size and time, without folders', async () => {
    // Some stores give the time in whole seconds.
    const from = Math.floor(Date.now() / 1000) * 1000;
    await remote.put('segment.csv.gz', 'seventeen bytes!!');
    await remote.put('empty.csv', '');
    const files = await store.list();
    expect(Object.fromEntries(files.map(({ name, size }) => [name, size]))).toEqual({
      'empty.csv': 0,
      'segment.csv.gz': 17,
    });
    for (const { modifiedAt } of files) {
      expect(modifiedAt).toBeGreaterThanOrEqual(from);
      expect(modifiedAt).toBeLessThanOrEqual(Date.now());
    }
  });

  it.each(['Žofie – výběr 1+1 50%.csv', 'segment #1 & 2?.csv.gz', '名前.csv', '.hidden'])(
    'reads %s',
    async (name) => {
      const content = Buffer.from(`registered\n${name}\n`.repeat(20_000));
      await remote.put(name, content);
      const read = await buffer(await store.read(await listed(name)));
      expect(read.equals(content)).toBe(true);
      expect(await store.list()).toHaveLength(1);
    },
  );

  it('distinguishes versions of one name', async () => {
    await remote.put('segment.csv', 'one', 60);
    const first = await listed('segment.csv');
    expect((await listed('segment.csv')).version).toBe(first.version);
    await remote.put('segment.csv', 'two');
    expect((await listed('segment.csv')).version).not.toBe(first.version);
  });

  it('refuses to read another version than the listed one', async () => {
    await remote.put('segment.csv', 'one', 60);
    const file = await listed('segment.csv');
    await remote.put('segment.csv', 'two');
    await expect(store.read(file).then(buffer)).rejects.toMatchObject({
      code: 'STORE_FILE_CHANGED',
      retryable: true,
    });
  });

  it('reports that a listed file was deleted', async () => {
    await remote.put('segment.csv', 'one');
    const file = await listed('segment.csv');
    await remote.remove('segment.csv');
    await expect(store.read(file).then(buffer)).rejects.toMatchObject({
      code: 'STORE_FILE_GONE',
      retryable: true,
    });
  });

  it.skipIf(kind === 's3')('detects a change during the read', async () => {
    await remote.put('segment.csv', Buffer.alloc(4_000_000, 'a'), 60);
    const file = await listed('segment.csv');
    const stream = await store.read(file);
    let changed = false;
    const reading = (async () => {
      for await (const chunk of stream) {
        if (changed) continue;
        expect(String(chunk).startsWith('a')).toBe(true);
        await remote.put('segment.csv', Buffer.alloc(4_000_000, 'b'));
        changed = true;
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'STORE_FILE_CHANGED' });
  });

  it('lists 1,500 files, over several pages', async () => {
    const names = Array.from({ length: 1500 }, (_, index) => `part-${index}.csv`);
    await remote.putMany(names);
    const files = await store.list();
    expect(files.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });
});
