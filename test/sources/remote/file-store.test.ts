import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FileStore, RemoteFile } from '../../../src/sources/remote/file-store.ts';
import { openFileStore } from '../../../src/sources/remote/open-file-store.ts';
import { openFolderPlace, openS3Place, openSftpPlace, type Place } from './places.ts';

const kinds = { folder: openFolderPlace, sftp: openSftpPlace, s3: openS3Place };

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'scratch-'));
});

afterAll(() => rm(scratch, { recursive: true }));

describe.each(Object.entries(kinds))('a place of the kind %s', (kind, openPlace) => {
  let place: Place;
  let store: FileStore;

  beforeAll(async () => {
    place = await openPlace();
    store = await openFileStore(place.location, { answerMs: 5000 });
  });

  afterEach(() => place.clear());

  afterAll(async () => {
    await store.close();
    await place.close();
  });

  /** Lists and finds one file by its name. */
  async function listed(name: string): Promise<RemoteFile> {
    const file = (await store.list()).find((one) => one.name === name);
    if (file === undefined) throw new Error(`${name} is not listed`);
    return file;
  }

  it('lists its files with size and time, and none of its folders', async () => {
    await place.put('segment.csv.gz', 'seventeen bytes!!');
    await writeFile(join(scratch, 'empty'), '');
    await store.write('empty.csv', join(scratch, 'empty'));
    const files = await store.list();
    expect(Object.fromEntries(files.map(({ name, size }) => [name, size]))).toEqual({
      'empty.csv': 0,
      'segment.csv.gz': 17,
    });
    for (const { modifiedAt } of files) expect(Math.abs(Date.now() - modifiedAt)).toBeLessThan(10_000);
  });

  it.each(['Žofie – výběr 1+1 50%.csv', 'segment #1 & 2?.csv.gz', '名前.csv', '.hidden'])(
    'reads and writes %s',
    async (name) => {
      const content = Buffer.from(`registered\n${name}\n`.repeat(20_000));
      const path = join(scratch, 'source');
      await writeFile(path, content);
      await store.write(name, path);
      const read = await buffer(await store.read(await listed(name)));
      expect(read.equals(content)).toBe(true);
      expect(await store.list()).toHaveLength(1);
    },
  );

  it('replaces a file that is there', async () => {
    const path = join(scratch, 'replacement');
    await place.put('results.csv', 'old');
    await writeFile(path, 'newer');
    await store.write('results.csv', path);
    expect((await buffer(await store.read(await listed('results.csv')))).toString()).toBe('newer');
    expect(await readFile(path, 'utf8')).toBe('newer');
  });

  it('tells versions of one name apart', async () => {
    await place.put('segment.csv', 'one', 60);
    const first = await listed('segment.csv');
    expect((await listed('segment.csv')).version).toBe(first.version);
    await place.put('segment.csv', 'two');
    expect((await listed('segment.csv')).version).not.toBe(first.version);
  });

  it('refuses to read another version than the listed one', async () => {
    await place.put('segment.csv', 'one', 60);
    const file = await listed('segment.csv');
    await place.put('segment.csv', 'two');
    await expect(store.read(file).then(buffer)).rejects.toMatchObject({
      code: 'STORE_FILE_CHANGED',
      repeat: true,
    });
  });

  it('says that a listed file is gone', async () => {
    await place.put('segment.csv', 'one');
    const file = await listed('segment.csv');
    await place.remove('segment.csv');
    await expect(store.read(file).then(buffer)).rejects.toMatchObject({
      code: 'STORE_FILE_GONE',
      repeat: true,
    });
  });

  it.skipIf(kind === 's3')('notices that a file is changed while it is read', async () => {
    await place.put('segment.csv', Buffer.alloc(4_000_000, 'a'), 60);
    const file = await listed('segment.csv');
    const stream = await store.read(file);
    let changed = false;
    const reading = (async () => {
      for await (const chunk of stream) {
        if (changed) continue;
        expect(String(chunk).startsWith('a')).toBe(true);
        await place.put('segment.csv', Buffer.alloc(4_000_000, 'b'));
        changed = true;
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'STORE_FILE_CHANGED' });
  });

  it('lists 1,500 files, over as many pages as it takes', async () => {
    const names = Array.from({ length: 1500 }, (_, index) => `part-${index}.csv`);
    await place.putMany(names);
    const files = await store.list();
    expect(files.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });
});
