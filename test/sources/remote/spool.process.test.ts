import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileLocation } from '../../../src/domain/campaigns/source-definition.ts';
import type { FileStore, RemoteFile } from '../../../src/sources/remote/file-store.ts';
import { openFileStore } from '../../../src/sources/remote/open-file-store.ts';
import { download } from '../../../src/sources/remote/spool.ts';
import { eventually } from '../../support/eventually.ts';
import { openTestFolder, openTestS3, openTestSftp } from './test-locations.ts';
import { refusalOf } from './refusal.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spool-'));
});

afterEach(() => rm(dir, { recursive: true }));

/** A store whose files have these chunks, whatever was listed. */
function storeOf(chunks: readonly string[]): FileStore & { reads: number } {
  const store = {
    label: 'memory',
    listsCompleteFilesOnly: true,
    reads: 0,
    list: () => Promise.resolve([]),
    async read() {
      store.reads += 1;
      return Readable.from(chunks.map(Buffer.from), { objectMode: false });
    },
    close: () => Promise.resolve(),
  };
  return store;
}

function listed(name: string, size: number, version = 'v1'): RemoteFile {
  return { name, size, version, modifiedAt: 0 };
}

const OPTIONS = { stallMs: 5000 };

describe('the spool', () => {
  it('keeps a file under its own name and downloads it once', async () => {
    const store = storeOf(['registered\n', 'c-1\n']);
    const file = listed('segment.csv.gz', 15);
    const spooled = await download(store, file, dir, OPTIONS);
    expect(spooled.size).toBe(15);
    expect(basename(spooled.path)).toMatch(/^[0-9a-f]{16}-segment\.csv\.gz$/);
    expect(await readFile(spooled.path, 'utf8')).toBe('registered\nc-1\n');
    expect(await download(store, file, dir, OPTIONS)).toEqual(spooled);
    expect(store.reads).toBe(1);
    expect(await readdir(dir)).toHaveLength(1);
  });

  it('downloads a file again if its size differs from the listing', async () => {
    const store = storeOf(['abc']);
    const { path } = await download(store, listed('a.csv', 3), dir, OPTIONS);
    await truncate(path, 2);
    await download(store, listed('a.csv', 3), dir, OPTIONS);
    expect(await readFile(path, 'utf8')).toBe('abc');
  });

  it('keeps versions of one name separate', async () => {
    const first = await download(storeOf(['one']), listed('a.csv', 3, 'v1'), dir, OPTIONS);
    const second = await download(storeOf(['two']), listed('a.csv', 3, 'v2'), dir, OPTIONS);
    expect(await readFile(first.path, 'utf8')).toBe('one');
    expect(await readFile(second.path, 'utf8')).toBe('two');
  });

  it.each([
    '../../escaped.csv',
    '/etc/passwd',
    '..',
    '.',
    '',
    'a/b\\c',
    'nul\0byte',
    'line\nbreak',
    '𝒳'.repeat(300),
    'ž'.repeat(300),
  ])('stays in its folder for the name %j', async (name) => {
    const { path } = await download(storeOf(['abc']), listed(name, 3), dir, OPTIONS);
    expect(dirname(path)).toBe(dir);
    expect(await readdir(dir)).toEqual([basename(path)]);
    expect(await readFile(path, 'utf8')).toBe('abc');
  });

  it.each([
    ['ends early', ['ab'], 'STORE_CUT_SHORT', '(2 of 3 bytes)'],
    ['is too long', ['ab', 'cd'], 'STORE_FILE_CHANGED', '(more than its 3 bytes)'],
    ['is empty', [], 'STORE_CUT_SHORT', '(0 of 3 bytes)'],
  ])('rejects a download that %s', async (_what, chunks, code, detail) => {
    const error = await refusalOf(download(storeOf(chunks), listed('a.csv', 3), dir, OPTIONS));
    expect(error).toMatchObject({ code, retryable: true });
    expect(error.message).toContain(`memory, a.csv: `);
    expect(error.message).toContain(detail);
    expect(await readdir(dir)).toEqual([]);
  });

  it('reports that its folder is not writable', async () => {
    const path = join(dir, 'a-file');
    await writeFile(path, '');
    const error = await refusalOf(
      download(storeOf(['abc']), listed('a.csv', 3), join(path, 'spool'), OPTIONS),
    );
    expect(error).toMatchObject({ code: 'SPOOL_UNWRITABLE', retryable: false });
  });

  it('removes the parts of killed downloads, but not those in progress', async () => {
    const [dead, alive] = [join(dir, 'dead.part'), join(dir, 'alive.part')];
    await writeFile(dead, 'x');
    await writeFile(alive, 'x');
    const longAgo = Date.now() / 1000 - 60;
    await utimes(dead, longAgo, longAgo);
    const { path } = await download(storeOf(['abc']), listed('a.csv', 3), dir, OPTIONS);
    expect((await readdir(dir)).toSorted()).toEqual([basename(path), 'alive.part'].toSorted());
  });
});

describe.each([
  ['sftp', openTestSftp],
  ['s3', openTestS3],
])('a download by %s', (_kind, openRemote) => {
  const content = Buffer.alloc(3_000_000, 'registered;first_name\n');

  it('fails if it stalls or the connection is lost; the next one is complete', async () => {
    const remote = await openRemote();
    await remote.put('segment.csv', content);
    const store = await openFileStore(remote.location, { timeoutMs: 5000 });
    const [file] = await store.list();
    const attempt = (stallMs = 5000) => download(store, file!, dir, { stallMs });

    remote.line.holdAfter(1_000_000);
    const stalled = await refusalOf(attempt(300));
    expect(stalled).toMatchObject({ code: 'STORE_STALLED', retryable: true });
    expect(stalled.message).toContain('segment.csv: it stopped responding (no data within 0.3 s)');
    expect(await readdir(dir)).toEqual([]);
    remote.line.reset();

    remote.line.cutAfter(1_000_000);
    expect(await refusalOf(attempt())).toMatchObject({ code: 'STORE_UNREACHABLE', retryable: true });
    expect(await readdir(dir)).toEqual([]);
    remote.line.reset();

    const { path } = await attempt();
    expect(content.equals(await readFile(path))).toBe(true);
    await store.close();
    await remote.close();
  });

  it('that is killed leaves no complete file, and starts again', async () => {
    const remote = await openRemote();
    await remote.put('segment.csv', content);
    // SFTP has up to 1 MB in flight, in no order.
    remote.line.holdAfter(2_000_000);
    const child = spawn(process.execPath, downloader(remote.location), { stdio: 'ignore' });
    const part = await eventually(async () => {
      const [name] = await readdir(dir);
      if (name === undefined || (await stat(join(dir, name))).size < 500_000)
        throw new Error('not in progress');
      return name;
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(dir)).toEqual([part]);
    expect(part).toMatch(/\.part$/);

    remote.line.reset();
    const { stdout } = await promisify(execFile)(process.execPath, downloader(remote.location));
    const { path } = JSON.parse(stdout) as { path: string };
    expect(content.equals(await readFile(path))).toBe(true);
    await remote.close();
  });

  it('takes no more memory for 100 MB than for 20', async () => {
    const remote = await openRemote();
    await remote.put('segment.csv', Buffer.alloc(100_000_000, 'c-1,Žofie\n'));
    const { stdout } = await promisify(execFile)(process.execPath, downloader(remote.location));
    const { size, grownMb } = JSON.parse(stdout) as { size: number; grownMb: number };
    expect(size).toBe(100_000_000);
    expect(grownMb).toBeLessThan(64);
    await remote.close();
  });
});

describe('a download from a folder', () => {
  it('fails once the file is replaced', async () => {
    const remote = await openTestFolder();
    await remote.put('segment.csv', 'one', 60);
    const store = await openFileStore(remote.location, { timeoutMs: 5000 });
    const [file] = await store.list();
    await remote.put('segment.csv', 'two');
    expect(await refusalOf(download(store, file!, dir, OPTIONS))).toMatchObject({
      code: 'STORE_FILE_CHANGED',
    });
    expect(await readdir(dir)).toEqual([]);
    await remote.close();
  });
});

function downloader(location: FileLocation): string[] {
  return ['--no-warnings', 'test/sources/remote/download-from.mjs', JSON.stringify({ location, dir })];
}
