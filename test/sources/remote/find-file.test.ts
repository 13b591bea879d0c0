import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FolderPlace } from '../../../src/domain/campaigns/source-definition.ts';
import type { FileStore } from '../../../src/sources/remote/file-store.ts';
import { findFile } from '../../../src/sources/remote/find-file.ts';
import { openFileStore } from '../../../src/sources/remote/open-file-store.ts';
import { openFolderPlace, type Place } from './places.ts';

let place: Place<FolderPlace>;
let store: FileStore;

beforeEach(async () => {
  place = await openFolderPlace();
  store = await openFileStore(place.location, { answerMs: 1000 });
});

afterEach(() => place.close());

const search = { pattern: '*.csv', isProcessed: () => false, settleMs: 50 };

/** The store, with something done to its place after each listing. */
function afterListing(work: () => Promise<void>): FileStore {
  return {
    ...store,
    async list() {
      const files = await store.list();
      await work();
      return files;
    },
  };
}

describe('looking for a file', () => {
  it('finds one that stays as it is', async () => {
    await place.put('segment.csv', 'registered\n', 60);
    expect(await findFile(store, search)).toMatchObject({ kind: 'chosen', file: { name: 'segment.csv' } });
  });

  it('leaves one alone that grows', async () => {
    await place.put('segment.csv', 'registered\n', 60);
    const growing = afterListing(() => place.put('segment.csv', 'registered\nc-1\n', 30));
    expect(await findFile(growing, search)).toMatchObject({ kind: 'still-written', file: { size: 15 } });
  });

  it('looks once, and waits for nothing, where a marker tells or nothing is new', async () => {
    await place.put('segment.csv', 'registered\n', 60);
    await place.put('segment.csv.done', '', 30);
    let looks = 0;
    const counted = afterListing(async () => void (looks += 1));
    const forever = { ...search, settleMs: 1e9 };
    expect((await findFile(counted, { ...forever, marker: '{name}.done' })).kind).toBe('chosen');
    expect((await findFile(counted, { ...forever, marker: '_SUCCESS' })).kind).toBe('still-written');
    expect((await findFile(counted, { ...forever, isProcessed: () => true })).kind).toBe('all-processed');
    expect((await findFile({ ...counted, wholeOnArrival: true }, forever)).kind).toBe('chosen');
    expect(looks).toBe(4);
  });

  it('stops waiting when told to', async () => {
    await place.put('segment.csv', 'registered\n', 60);
    const found = await findFile(store, { ...search, settleMs: 1e9, signal: AbortSignal.timeout(20) });
    expect(found.kind).toBe('still-written');
  });

  it('says that the folder is not there', async () => {
    const gone = await openFileStore({ kind: 'folder', path: '/no/such/folder' }, { answerMs: 1000 });
    await expect(findFile(gone, search)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND', repeat: false });
  });
});
