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
} from '../../../src/kit/private-redis/private-redis.ts';
import { eventually } from '../../support/eventually.ts';

describe('a private Redis', () => {
  test('persists to disk, never evicts and has no TCP port', async () => {
    const dataDir = await makeDataDir();
    const redis = connect(await openShared(dataDir));

    const config = async (name: string) => (await redis.config('GET', name))[1];
    expect(await config('appendonly')).toBe('yes');
    expect(await config('appendfsync')).toBe('everysec');
    expect(await config('save')).toBe('');
    expect(await config('maxmemory-policy')).toBe('noeviction');
    expect(await config('port')).toBe('0');
    expect((await stat(join(dataDir, 'redis'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'redis', 'redis.sock'))).mode & 0o077).toBe(0);
  });

  test('stops when it is closed and keeps its data', async () => {
    const dataDir = await makeDataDir();
    const first = await openShared(dataDir);
    await connect(first).set('card', '17');
    await Promise.all([first.close(), first.close()]);
    expect(isRunning(first.pid)).toBe(false);

    const second = await openShared(dataDir);
    expect(second.pid).not.toBe(first.pid);
    expect(await connect(second).get('card')).toBe('17');
  });

  test('supports a DATA_DIR that is too deep for a socket path, with any characters', async () => {
    const dataDir = join(await makeDataDir(), 'ž {deep} "folder"', 'x'.repeat(120));
    const first = await openShared(dataDir);
    expect(Buffer.byteLength(first.path)).toBeLessThan(100);
    expect(await startProgram(dataDir)).toMatchObject({ pid: first.pid });

    await first.close();
    await expect(stat(first.path)).rejects.toThrow('ENOENT');
  });
});

describe('processes with the same DATA_DIR', () => {
  test('share a server, which the last one stops', async () => {
    const dataDir = await makeDataDir();
    const [first, second] = [await openShared(dataDir), await openShared(dataDir)];
    expect(second.pid).toBe(first.pid);

    await first.close();
    expect(await connect(second).ping()).toBe('PONG');
    await second.close();
    expect(isRunning(first.pid)).toBe(false);
  });

  test('start a single server when they start at the same time', async () => {
    const dataDir = await makeDataDir();
    const programs = await Promise.all([1, 2, 3].map(() => startProgram(dataDir)));
    expect(new Set(programs.map(({ pid }) => pid)).size).toBe(1);

    await Promise.all(programs.map((program) => program.end()));
    expect(isRunning(programs[0]!.pid)).toBe(false);
  });
});

describe('after a crash', () => {
  test('of the program, the next program adopts its server', async () => {
    const dataDir = await makeDataDir();
    const program = await startProgram(dataDir);
    await connect(program).set('card', '17');
    program.child.kill('SIGKILL');
    await once(program.child, 'exit');
    expect(isRunning(program.pid)).toBe(true);

    const next = await openShared(dataDir);
    expect(next.pid).toBe(program.pid);
    expect(await connect(next).get('card')).toBe('17');
    await next.close();
    expect(isRunning(program.pid)).toBe(false);
  });

  test('of the server, one of its processes restarts it with its data', async () => {
    const dataDir = await makeDataDir();
    const lines: string[] = [];
    const [first, second] = [
      await openShared(dataDir, { say: (line) => lines.push(line) }),
      await openShared(dataDir),
    ];
    const before = first.pid;
    const redis = connect(first);
    await redis.set('card', '17');
    process.kill(before, 'SIGKILL');

    await eventually(() => expect(first.pid).not.toBe(before));
    await eventually(() => expect(second.pid).toBe(first.pid));
    expect(await redis.get('card')).toBe('17');
    expect(lines).toEqual([
      `The private Redis (pid ${before}) has died; restarting it.`,
      `The private Redis is running again (pid ${first.pid}).`,
    ]);

    // Both processes are counted again.
    await first.close();
    expect(await connect(second).get('card')).toBe('17');
    await second.close();
    expect(isRunning(first.pid)).toBe(false);
  });

  test('of both, the next program starts a server on the same files and signals no foreign process', async () => {
    const dataDir = await makeDataDir();
    const program = await startProgram(dataDir);
    await connect(program).set('card', '17');
    program.child.kill('SIGKILL');
    await once(program.child, 'exit');
    process.kill(program.pid, 'SIGKILL');
    await eventually(() => expect(isRunning(program.pid)).toBe(false));
    expect((await stat(program.path)).isSocket()).toBe(true);
    // The pid of the dead server has been reused by another program.
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void stranger.kill());
    await writeFile(join(dataDir, 'redis', 'redis.pid'), String(stranger.pid));

    const next = await openShared(dataDir);
    expect(await connect(next).get('card')).toBe('17');
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  });

  test('that deleted its socket, the server is replaced and its processes reconnect', async () => {
    const dataDir = await makeDataDir();
    const first = await openShared(dataDir);
    const before = first.pid;
    await connect(first).set('card', '17');
    await rm(first.path);

    const second = await openShared(dataDir);
    expect(second.pid).not.toBe(before);
    expect(isRunning(before)).toBe(false);
    expect(await connect(second).get('card')).toBe('17');
    await eventually(() => expect(first.pid).toBe(second.pid));
  });
});

describe('openPrivateRedis', () => {
  test('waits for a server that is loading its data, also if another process started it', async () => {
    const dataDir = await makeDataDir();
    const redis = await openShared(dataDir);
    const batch = connect(redis).pipeline();
    for (let i = 0; i < 1000; i++) batch.set(`card-${i}`, 'x'.repeat(100));
    await batch.exec();
    await redis.close();

    // A server that takes 1 ms to load each key and replies LOADING meanwhile.
    const { file, env } = await findBinary();
    const slow = join(dataDir, 'slow-redis-server');
    const options = '--key-load-delay 1000 --loading-process-events-interval-bytes 1024';
    const library = `LD_LIBRARY_PATH='${env['LD_LIBRARY_PATH'] ?? ''}'`;
    await writeFile(
      slow,
      `#!/bin/sh\n[ $# -gt 1 ] && set -- "$@" ${options}\n${library} exec ${file} "$@"\n`,
    );
    await chmod(slow, 0o755);

    const start = performance.now();
    const [first, second] = await Promise.all([
      openShared(dataDir, { binary: slow }),
      openShared(dataDir, { binary: slow }),
    ]);
    expect(performance.now() - start).toBeGreaterThan(800);
    expect(second.pid).toBe(first.pid);
    expect(await connect(second).dbsize()).toBe(1000);
  });

  test('does not wait for a process that was killed with the lock', async () => {
    const dataDir = await makeDataDir();
    const lock = join(dataDir, 'redis', 'start.lock');
    await mkdir(lock, { recursive: true });
    await utimes(lock, 0, 0);
    expect(await connect(await openShared(dataDir)).ping()).toBe('PONG');
  });
});

describe('the error message explains', () => {
  test('that DATA_DIR cannot be created', async () => {
    const file = join(await makeDataDir(), 'file');
    await writeFile(file, '');
    await expect(openShared(file)).rejects.toThrow(
      /DATA_DIR cannot hold .*file.+a part of the path is a file/,
    );
  });

  test('that a foreign server answers', async () => {
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

    await expect(openShared(dataDir)).rejects.toThrow(/redis\.sock was not started by passbridge: dir is/);
    expect(stranger.exitCode).toBeNull();
  });

  test('why the server does not start, with the end of its log', async () => {
    const dataDir = await makeDataDir();
    await mkdir(join(dataDir, 'redis', 'appendonlydir'), { recursive: true });
    await writeFile(join(dataDir, 'redis', 'appendonlydir', 'appendonly.aof.manifest'), 'no manifest');

    await expect(openShared(dataDir)).rejects.toThrow(
      /did not start \(exit code 1\)\. The end of its log, .*redis\.log:[^]*manifest/,
    );
  });

  test('that REDIS_SERVER_BIN is not a server', async () => {
    const dataDir = await makeDataDir();
    const opening = openShared(dataDir, { binary: '/nowhere/redis-server' });
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

/** Kills the server that a failed test left running. */
async function killLeftover(dataDir: string): Promise<void> {
  const pid = Number(await readFile(join(dataDir, 'redis', 'redis.pid'), 'utf8').catch(() => ''));
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (command.includes(`passbridge[${dataDir}`)) process.kill(pid, 'SIGKILL');
}

async function openShared(
  dataDir: string,
  options: Partial<PrivateRedisOptions> = {},
): Promise<PrivateRedis> {
  const redis = await openPrivateRedis({ dataDir, env: process.env, ...options });
  onTestFinished(() => redis.close());
  return redis;
}

/** Returns the binary that a private Redis runs. */
function findBinary(): Promise<RedisServerBinary> {
  const cacheDir = join(homedir(), '.cache', 'passbridge', 'redis-server');
  return findRedisServer({ cacheDir, env: process.env, say: () => {} });
}

/** Reconnects after a restart of the server, as the connections of the program do. */
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
  const script = join(import.meta.dirname, 'sharing-program.mjs');
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
  throw new Error('the program exited without output');
}

/** Returns false for a zombie, which a dead server with a dead parent may be in a container. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z\s]/.test(stdout);
}
