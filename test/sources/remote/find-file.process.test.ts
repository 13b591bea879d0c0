import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FolderLocation } from '../../../src/domain/campaigns/source-definition.ts';
import type { FileStore } from '../../../src/sources/remote/file-store.ts';
import { findFile } from '../../../src/sources/remote/find-file.ts';
import { openFileStore } from '../../../src/sources/remote/open-file-store.ts';
import { openTestFolder, type TestLocation } from './test-locations.ts';

let remote: TestLocation<FolderLocation>;
let store: FileStore;

beforeEach(async () => {
  remote = await openTestFolder();
  store = await openFileStore(remote.location, { timeoutMs: 1000 });
});

afterEach(() => remote.close());

const search = { pattern: '*.csv', isProcessed: () => false, settleMs: 50 };

/** Returns the store, with work done after each listing. */
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

describe('finding a file', () => {
  it('chooses one that stays unchanged', async () => {
    await remote.put('segment.csv', 'registered\n', 60);
    expect(await findFile(store, search)).toMatchObject({ kind: 'chosen', file: { name: 'segment.csv' } });
  });

  it('does not choose one that grows', async () => {
    await remote.put('segment.csv', 'registered\n', 60);
    const growing = afterListing(() => remote.put('segment.csv', 'registered\nc-1\n', 30));
    expect(await findFile(growing, search)).toMatchObject({ kind: 'incomplete', file: { size: 15 } });
  });

  it('lists once and does not wait if a marker decides or nothing is new', async () => {
    await remote.put('segment.csv', 'registered\n', 60);
    await remote.put('segment.csv.done', '', 30);
    let listings = 0;
    const counted = afterListing(async () => void (listings += 1));
    const forever = { ...search, settleMs: 1e9 };
    expect((await findFile(counted, { ...forever, marker: '{name}.done' })).kind).toBe('chosen');
    expect((await findFile(counted, { ...forever, marker: '_SUCCESS' })).kind).toBe('incomplete');
    expect((await findFile(counted, { ...forever, isProcessed: () => true })).kind).toBe('all-processed');
    expect((await findFile({ ...counted, listsCompleteFilesOnly: true }, forever)).kind).toBe('chosen');
    expect(listings).toBe(4);
  });

  it('stops waiting when aborted', async () => {
    await remote.put('segment.csv', 'registered\n', 60);
    const found = await findFile(store, { ...search, settleMs: 1e9, signal: AbortSignal.timeout(20) });
    expect(found.kind).toBe('incomplete');
  });

  it('reports that the folder does not exist', async () => {
    const gone = await openFileStore({ kind: 'folder', path: '/no/such/folder' }, { timeoutMs: 1000 });
    await expect(findFile(gone, search)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND', retryable: false });
  });
});
