import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RedisServerBinary } from '../../../src/kit/private-redis/binary.ts';
import { findRedisServer } from '../../../src/kit/private-redis/find-binary.ts';
import {
  openPrivateRedis,
  type PrivateRedis,
  type PrivateRedisOptions,
} from '../../../src/kit/private-redis/open.ts';
import { eventually } from '../../support/eventually.ts';

describe('one tenant', () => {
  test('gets a server that keeps its data on disk, evicts nothing and has no TCP port', async () => {
    const dataDir = await makeDataDir();
    const redis = connect(await openTenant(dataDir));

    const config = async (name: string) => (await redis.config('GET', name))[1];
    expect(await config('appendonly')).toBe('yes');
    expect(await config('appendfsync')).toBe('everysec');
    expect(await config('save')).toBe('');
    expect(await config('maxmemory-policy')).toBe('noeviction');
    expect(await config('port')).toBe('0');
    expect((await stat(join(dataDir, 'redis'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'redis', 'redis.sock'))).mode & 0o077).toBe(0);
  });

  test('stops the server when it closes, and finds the data again', async () => {
    const dataDir = await makeDataDir();
    const first = await openTenant(dataDir);
    await connect(first).set('card', '17');
    await Promise.all([first.close(), first.close()]);
    expect(isRunning(first.pid)).toBe(false);

    const second = await openTenant(dataDir);
    expect(second.pid).not.toBe(first.pid);
    expect(await connect(second).get('card')).toBe('17');
  });

  test('may have a DATA_DIR too deep for a socket, with any characters in it', async () => {
    const dataDir = join(await makeDataDir(), 'ž {deep} "folder"', 'x'.repeat(120));
    const first = await openTenant(dataDir);
    expect(Buffer.byteLength(first.path)).toBeLessThan(100);
    expect(await startProgram(dataDir)).toMatchObject({ pid: first.pid });

    await first.close();
    await expect(stat(first.path)).rejects.toThrow('ENOENT');
  });
});

describe('tenants of one DATA_DIR', () => {
  test('share a server, and the last one out stops it', async () => {
    const dataDir = await makeDataDir();
    const [first, second] = [await openTenant(dataDir), await openTenant(dataDir)];
    expect(second.pid).toBe(first.pid);

    await first.close();
    expect(await connect(second).ping()).toBe('PONG');
    await second.close();
    expect(isRunning(first.pid)).toBe(false);
  });

  test('get one server when they start at the same time', async () => {
    const dataDir = await makeDataDir();
    const programs = await Promise.all([1, 2, 3].map(() => startProgram(dataDir)));
    expect(new Set(programs.map(({ pid }) => pid)).size).toBe(1);

    await Promise.all(programs.map((program) => program.end()));
    expect(isRunning(programs[0]!.pid)).toBe(false);
  });
});

describe('after a crash', () => {
  test('of the program, the next one adopts the server it left behind', async () => {
    const dataDir = await makeDataDir();
    const program = await startProgram(dataDir);
    await connect(program).set('card', '17');
    program.child.kill('SIGKILL');
    await once(program.child, 'exit');
    expect(isRunning(program.pid)).toBe(true);

    const next = await openTenant(dataDir);
    expect(next.pid).toBe(program.pid);
    expect(await connect(next).get('card')).toBe('17');
    await next.close();
    expect(isRunning(program.pid)).toBe(false);
  });

  test('of the server, its tenants bring it back with its data', async () => {
    const dataDir = await makeDataDir();
    const said: string[] = [];
    const [first, second] = [
      await openTenant(dataDir, { say: (line) => said.push(line) }),
      await openTenant(dataDir),
    ];
    const before = first.pid;
    const redis = connect(first);
    await redis.set('card', '17');
    process.kill(before, 'SIGKILL');

    await eventually(() => expect(first.pid).not.toBe(before));
    await eventually(() => expect(second.pid).toBe(first.pid));
    expect(await redis.get('card')).toBe('17');
    expect(said).toEqual([
      `The private Redis (pid ${before}) is gone: starting it again.`,
      `The private Redis runs again (pid ${first.pid}).`,
    ]);

    // Both count as tenants again.
    await first.close();
    expect(await connect(second).get('card')).toBe('17');
    await second.close();
    expect(isRunning(first.pid)).toBe(false);
  });

  test('of both, the next program starts a server over the remains, and signals no stranger', async () => {
    const dataDir = await makeDataDir();
    const program = await startProgram(dataDir);
    await connect(program).set('card', '17');
    program.child.kill('SIGKILL');
    await once(program.child, 'exit');
    process.kill(program.pid, 'SIGKILL');
    await eventually(() => expect(isRunning(program.pid)).toBe(false));
    expect((await stat(program.path)).isSocket()).toBe(true);
    // The pid of the dead server now belongs to another program.
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void stranger.kill());
    await writeFile(join(dataDir, 'redis', 'redis.pid'), String(stranger.pid));

    const next = await openTenant(dataDir);
    expect(await connect(next).get('card')).toBe('17');
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  });

  test('that took its socket away, the server is replaced and its tenants move', async () => {
    const dataDir = await makeDataDir();
    const first = await openTenant(dataDir);
    const before = first.pid;
    await connect(first).set('card', '17');
    await rm(first.path);

    const second = await openTenant(dataDir);
    expect(second.pid).not.toBe(before);
    expect(isRunning(before)).toBe(false);
    expect(await connect(second).get('card')).toBe('17');
    await eventually(() => expect(first.pid).toBe(second.pid));
  });
});

describe('waits', () => {
  test('for a server that loads its data, and for one that another process started', async () => {
    const dataDir = await makeDataDir();
    const redis = await openTenant(dataDir);
    const batch = connect(redis).pipeline();
    for (let i = 0; i < 1000; i++) batch.set(`card-${i}`, 'x'.repeat(100));
    await batch.exec();
    await redis.close();

    // A server that takes 1 ms for each key, and answers LOADING meanwhile.
    const { file, env } = await findBinary();
    const slow = join(dataDir, 'slow-redis-server');
    const options = '--key-load-delay 1000 --loading-process-events-interval-bytes 1024';
    const library = `LD_LIBRARY_PATH='${env['LD_LIBRARY_PATH'] ?? ''}'`;
    await writeFile(
      slow,
      `#!/bin/sh\n[ $# -gt 1 ] && set -- "$@" ${options}\n${library} exec ${file} "$@"\n`,
    );
    await chmod(slow, 0o755);

    const begin = performance.now();
    const [first, second] = await Promise.all([
      openTenant(dataDir, { binary: slow }),
      openTenant(dataDir, { binary: slow }),
    ]);
    expect(performance.now() - begin).toBeGreaterThan(800);
    expect(second.pid).toBe(first.pid);
    expect(await connect(second).dbsize()).toBe(1000);
  });

  test('not for a process that was killed while it held the lock', async () => {
    const dataDir = await makeDataDir();
    const lock = join(dataDir, 'redis', 'start.lock');
    await mkdir(lock, { recursive: true });
    await utimes(lock, 0, 0);
    expect(await connect(await openTenant(dataDir)).ping()).toBe('PONG');
  });
});

describe('says what is wrong', () => {
  test('when DATA_DIR cannot be made', async () => {
    const file = join(await makeDataDir(), 'file');
    await writeFile(file, '');
    await expect(openTenant(file)).rejects.toThrow(/DATA_DIR cannot hold .*ENOTDIR.*file/);
  });

  test('when a server of somebody else answers', async () => {
    const dataDir = await makeDataDir();
    await mkdir(join(dataDir, 'redis'));
    const socket = join(dataDir, 'redis', 'redis.sock');
    const binary = await findBinary();
    const stranger = spawn(
      binary.file,
      ['--port', '0', '--save', '', '--unixsocket', socket, '--dir', dataDir],
      {
        env: binary.env,
        stdio: 'ignore',
      },
    );
    onTestFinished(() => void stranger.kill());
    await eventually(() => stat(socket));

    await expect(openTenant(dataDir)).rejects.toThrow(/redis\.sock was not started by passbridge: dir is/);
    expect(stranger.exitCode).toBeNull();
  });

  test('when the server does not start, with the end of its log', async () => {
    const dataDir = await makeDataDir();
    await mkdir(join(dataDir, 'redis', 'appendonlydir'), { recursive: true });
    await writeFile(join(dataDir, 'redis', 'appendonlydir', 'appendonly.aof.manifest'), 'no manifest');

    await expect(openTenant(dataDir)).rejects.toThrow(
      /did not start \(exit code 1\)\. Its log, .*redis\.log, ends:[^]*manifest/,
    );
  });

  test('when REDIS_SERVER_BIN names no server', async () => {
    const dataDir = await makeDataDir();
    const opening = openTenant(dataDir, { binary: '/nowhere/redis-server' });
    await expect(opening).rejects.toThrow(/REDIS_SERVER_BIN.*\/nowhere\/redis-server/);
  });
});

async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-test-'));
  onTestFinished(async () => {
    await killLeftover(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  });
  return dataDir;
}

/** Of a test that failed: a server nobody would adopt any more. */
async function killLeftover(dataDir: string): Promise<void> {
  const pid = Number(await readFile(join(dataDir, 'redis', 'redis.pid'), 'utf8').catch(() => ''));
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (command.includes(`passbridge[${dataDir}`)) process.kill(pid, 'SIGKILL');
}

async function openTenant(
  dataDir: string,
  options: Partial<PrivateRedisOptions> = {},
): Promise<PrivateRedis> {
  const redis = await openPrivateRedis({ dataDir, env: process.env, ...options });
  onTestFinished(() => redis.close());
  return redis;
}

/** The server that tenants run. */
function findBinary(): Promise<RedisServerBinary> {
  const cacheDir = join(homedir(), '.cache', 'passbridge', 'redis-server');
  return findRedisServer({ cacheDir, env: process.env, say: () => {} });
}

/** Sees its server through a restart, as the connections of the program do. */
function connect({ path }: { path: string }): Redis {
  const redis = new Redis(path, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  redis.on('error', () => {});
  onTestFinished(() => redis.disconnect());
  return redis;
}

interface Program {
  child: ChildProcess;
  path: string;
  pid: number;
  end(): Promise<unknown>;
}

async function startProgram(dataDir: string): Promise<Program> {
  const script = join(import.meta.dirname, 'tenant-program.mjs');
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const end = () => {
    child.stdin.end();
    return exit;
  };
  onTestFinished(async () => void (await end()));
  for await (const line of createInterface(child.stdout)) {
    return { child, end, ...(JSON.parse(line) as { path: string; pid: number }) };
  }
  throw new Error('the program ended without a word');
}

/** Not fooled by a zombie, as a dead server with a dead parent may be in a container. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z\s]/.test(stdout);
}
