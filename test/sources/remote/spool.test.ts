import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FilePlace } from '../../../src/domain/campaigns/source-definition.ts';
import type { FileStore, RemoteFile } from '../../../src/sources/remote/file-store.ts';
import { openFileStore } from '../../../src/sources/remote/open-file-store.ts';
import { download } from '../../../src/sources/remote/spool.ts';
import { eventually } from '../../support/eventually.ts';
import { openFolderPlace, openS3Place, openSftpPlace } from './places.ts';
import { refusalOf } from './refusal.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spool-'));
});

afterEach(() => rm(dir, { recursive: true }));

/** A store whose files hold what the chunks say, whatever was listed. */
function storeOf(chunks: readonly string[]): FileStore & { reads: number } {
  const store = {
    place: 'a made-up place',
    wholeOnArrival: true,
    reads: 0,
    list: () => Promise.resolve([]),
    async read() {
      store.reads += 1;
      return Readable.from(chunks.map(Buffer.from), { objectMode: false });
    },
    write: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return store;
}

function listed(name: string, size: number, version = 'v1'): RemoteFile {
  return { name, size, version, modifiedAt: 0 };
}

const PATIENT = { stallMs: 5000 };

describe('the spool', () => {
  it('keeps a file under a name of its own and fetches it once', async () => {
    const store = storeOf(['registered\n', 'c-1\n']);
    const file = listed('segment.csv.gz', 15);
    const spooled = await download(store, file, dir, PATIENT);
    expect(spooled.size).toBe(15);
    expect(basename(spooled.path)).toMatch(/^[0-9a-f]{16}-segment\.csv\.gz$/);
    expect(await readFile(spooled.path, 'utf8')).toBe('registered\nc-1\n');
    expect(await download(store, file, dir, PATIENT)).toEqual(spooled);
    expect(store.reads).toBe(1);
    expect(await readdir(dir)).toHaveLength(1);
  });

  it('fetches again what is not as long as it was listed', async () => {
    const store = storeOf(['abc']);
    const { path } = await download(store, listed('a.csv', 3), dir, PATIENT);
    await truncate(path, 2);
    await download(store, listed('a.csv', 3), dir, PATIENT);
    expect(await readFile(path, 'utf8')).toBe('abc');
  });

  it('keeps versions of one name apart', async () => {
    const first = await download(storeOf(['one']), listed('a.csv', 3, 'v1'), dir, PATIENT);
    const second = await download(storeOf(['two']), listed('a.csv', 3, 'v2'), dir, PATIENT);
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
    const { path } = await download(storeOf(['abc']), listed(name, 3), dir, PATIENT);
    expect(dirname(path)).toBe(dir);
    expect(await readdir(dir)).toEqual([basename(path)]);
    expect(await readFile(path, 'utf8')).toBe('abc');
  });

  it.each([
    ['ends early', ['ab'], 'STORE_CUT_SHORT', '(2 of 3 bytes)'],
    ['goes on', ['ab', 'cd'], 'STORE_FILE_CHANGED', '(more than its 3 bytes)'],
    ['is empty', [], 'STORE_CUT_SHORT', '(0 of 3 bytes)'],
  ])('never takes a download that %s for whole', async (_what, chunks, code, detail) => {
    const error = await refusalOf(download(storeOf(chunks), listed('a.csv', 3), dir, PATIENT));
    expect(error).toMatchObject({ code, repeat: true });
    expect(error.message).toContain(`a made-up place, a.csv: `);
    expect(error.message).toContain(detail);
    expect(await readdir(dir)).toEqual([]);
  });

  it('says that its folder cannot be written to', async () => {
    const path = join(dir, 'a-file');
    await writeFile(path, '');
    const error = await refusalOf(
      download(storeOf(['abc']), listed('a.csv', 3), join(path, 'spool'), PATIENT),
    );
    expect(error).toMatchObject({ code: 'SPOOL_UNWRITABLE', repeat: false });
  });

  it('sweeps out what killed downloads left, and nothing that is still written to', async () => {
    const [dead, alive] = [join(dir, 'dead.part'), join(dir, 'alive.part')];
    await writeFile(dead, 'x');
    await writeFile(alive, 'x');
    const longAgo = Date.now() / 1000 - 60;
    await utimes(dead, longAgo, longAgo);
    const { path } = await download(storeOf(['abc']), listed('a.csv', 3), dir, PATIENT);
    expect((await readdir(dir)).toSorted()).toEqual([basename(path), 'alive.part'].toSorted());
  });
});

describe.each([
  ['sftp', openSftpPlace],
  ['s3', openS3Place],
])('a download by %s', (_kind, openPlace) => {
  const content = Buffer.alloc(3_000_000, 'registered;first_name\n');

  it('that stalls is given up, and one that breaks too; the next one is whole', async () => {
    const place = await openPlace();
    await place.put('segment.csv', content);
    const store = await openFileStore(place.location, { answerMs: 5000 });
    const [file] = await store.list();
    const attempt = (stallMs = 5000) => download(store, file!, dir, { stallMs });

    place.line.holdAfter(1_000_000);
    const stalled = await refusalOf(attempt(300));
    expect(stalled).toMatchObject({ code: 'STORE_STALLED', repeat: true });
    expect(stalled.message).toContain('segment.csv: it stopped answering (no byte within 0.3 s)');
    expect(await readdir(dir)).toEqual([]);
    place.line.mend();

    place.line.cutAfter(1_000_000);
    expect(await refusalOf(attempt())).toMatchObject({ code: 'STORE_UNREACHABLE', repeat: true });
    expect(await readdir(dir)).toEqual([]);
    place.line.mend();

    const { path } = await attempt();
    expect(content.equals(await readFile(path))).toBe(true);
    await store.close();
    await place.close();
  });

  it('that is killed leaves nothing that passes for whole, and is begun again', async () => {
    const place = await openPlace();
    await place.put('segment.csv', content);
    // SFTP has up to 1 MB under way, in no order.
    place.line.holdAfter(2_000_000);
    const child = spawn(process.execPath, downloader(place.location), { stdio: 'ignore' });
    const part = await eventually(async () => {
      const [name] = await readdir(dir);
      if (name === undefined || (await stat(join(dir, name))).size < 500_000)
        throw new Error('not under way');
      return name;
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(dir)).toEqual([part]);
    expect(part).toMatch(/\.part$/);

    place.line.mend();
    const { stdout } = await promisify(execFile)(process.execPath, downloader(place.location));
    const { path } = JSON.parse(stdout) as { path: string };
    expect(content.equals(await readFile(path))).toBe(true);
    await place.close();
  });

  it('takes no more memory for 100 MB than for 20', async () => {
    const place = await openPlace();
    await place.put('segment.csv', Buffer.alloc(100_000_000, 'c-1,Žofie\n'));
    const { stdout } = await promisify(execFile)(process.execPath, downloader(place.location));
    const { size, grownMb } = JSON.parse(stdout) as { size: number; grownMb: number };
    expect(size).toBe(100_000_000);
    expect(grownMb).toBeLessThan(64);
    await place.close();
  });
});

describe('a download from a folder', () => {
  it('is refused once the file is replaced', async () => {
    const place = await openFolderPlace();
    await place.put('segment.csv', 'one', 60);
    const store = await openFileStore(place.location, { answerMs: 5000 });
    const [file] = await store.list();
    await place.put('segment.csv', 'two');
    expect(await refusalOf(download(store, file!, dir, PATIENT))).toMatchObject({
      code: 'STORE_FILE_CHANGED',
    });
    expect(await readdir(dir)).toEqual([]);
    await place.close();
  });
});

function downloader(location: FilePlace): string[] {
  return ['--no-warnings', 'test/sources/remote/download-from.mjs', JSON.stringify({ location, dir })];
}
