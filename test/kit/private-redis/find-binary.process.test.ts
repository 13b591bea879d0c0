import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fillCache, findCacheFolder } from '../../../src/kit/private-redis/debian-download.ts';
import { findRedisServer } from '../../../src/kit/private-redis/find-binary.ts';

const NEW = 'Redis server v=7.2.4 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=f8a3';
const OLD = 'Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=6d95';
const VALKEY = 'Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1b29';

describe('REDIS_SERVER_BIN', () => {
  test('takes precedence over PATH', async () => {
    const { folder, find } = await makeMachine({ 'bin/redis-server': NEW, 'own/server': NEW });
    expect(await find({ binary: join(folder, 'own/server') })).toMatchObject({
      file: join(folder, 'own/server'),
    });
  });

  test.each([
    ['is missing', {}, 'ENOENT'],
    ['is too old', { 'own/server': OLD }, 'version 6.0.16 is too old; 6.2 or newer is needed'],
    ['is another program', { 'own/server': 'server 1.0' }, 'neither redis-server nor valkey-server'],
  ])('is rejected if it %s, even if PATH has a server', async (_case, programs, message) => {
    const { folder, find } = await makeMachine({ 'bin/redis-server': NEW, ...programs });
    const finding = find({ binary: join(folder, 'own/server') });
    await expect(finding).rejects.toThrow('REDIS_SERVER_BIN');
    await expect(finding).rejects.toThrow(message);
  });
});

describe('PATH', () => {
  test('may have a redis-server or a valkey-server', async () => {
    const { folder, find } = await makeMachine({ 'bin/valkey-server': VALKEY });
    expect(await find()).toMatchObject({ file: join(folder, 'bin/valkey-server') });
  });

  test('is searched further if the first server is too old', async () => {
    const { folder, find } = await makeMachine({ 'bin/redis-server': OLD, 'bin/valkey-server': VALKEY });
    expect(await find()).toMatchObject({ file: join(folder, 'bin/valkey-server') });
  });
});

test('explains what to install and what was wrong with the servers found', async () => {
  const { find } = await makeMachine({ 'bin/redis-server': OLD });
  const message = await find().then(String, String);
  expect(message).toContain('version 6.0.16 is too old');
  expect(message).toContain('brew install redis');
  expect(message).toContain('dnf install redis');
  expect(message).toContain('apk add redis');
  expect(message).toContain('--maxmemory-policy noeviction');
});

// Downloads from the package sources of this system.
describe.runIf(existsSync('/usr/bin/apt-get'))('the download cache', () => {
  test('can be filled by two processes at once, replaces a broken server, and is found afterwards', async () => {
    const { folder, find } = await makeMachine({});
    const cacheDir = join(folder, 'cache');
    const cached = String(await findCacheFolder(cacheDir));
    const server = join(cached, 'usr/bin/redis-server');
    await addProgram(server, 'exit 1');

    const [one, two] = await Promise.all([fillCache(cached, process.env), fillCache(cached, process.env)]);
    expect([one, two]).toMatchObject([{ file: server }, { file: server }]);
    expect(await readdir(cacheDir)).toEqual([basename(cached)]);

    const { file, env } = await find();
    expect(file).toBe(server);
    expect(execFileSync(file, ['--version'], { env, encoding: 'utf8' })).toMatch(/ v=\d/);
  });
});

/** Makes a machine whose PATH is only `bin`; each program prints the given text for `--version`. */
async function makeMachine(programs: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, version] of Object.entries(programs)) {
    await addProgram(join(folder, name), `echo '${version}'`);
  }
  const env = { PATH: join(folder, 'bin') };
  const find = ({ binary }: { binary?: string } = {}) =>
    findRedisServer({ binary, cacheDir: join(folder, 'cache'), env, say: () => {} });
  return { folder, find };
}

async function addProgram(file: string, script: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}
