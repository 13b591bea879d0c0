/**
 * A private Redis for installations without REDIS_URL, shared by all processes with the same DATA_DIR. Its
 * data survives crashes, and it listens on a unix socket that only its user can open. A server that dies is
 * started again on the same socket and data; the last process to close stops it.
 */

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { sleep } from '../clock.ts';
import { logRotation, rotateIfLarge } from '../logs/log-file.ts';
import type { Environment } from '../run-command.ts';
import { findRedisServer } from './find-binary.ts';
import { openLocation, PrivateRedisError } from './location.ts';
import { withLock } from './lock.ts';
import { disconnect } from './probe.ts';
import type { RepairOptions } from './repair.ts';
import { ensureServer, type ServerOptions, stopServer } from './server.ts';
import type { AppendFsync } from './server-process.ts';

export interface PrivateRedisOptions {
  /** The data is in its subfolder `redis`. */
  dataDir: string;
  /** The process environment: PATH, XDG_CACHE_HOME, and variables that child commands need (proxies). */
  env: Environment;
  /** REDIS_SERVER_BIN. */
  binary?: string | undefined;
  /** Folder for downloaded servers; by default `passbridge/redis-server` in the user's cache. */
  cacheDir?: string | undefined;
  /** Default `everysec`: a power cut may lose the last second; the end of a process loses nothing. */
  appendfsync?: AppendFsync | undefined;
  /** Repairs an append-only file with a damaged end. Absent: it is reported. */
  repair?: RepairOptions | undefined;
  /** Receives lines for the operator: about a download, a long wait, a restart. */
  say?: (line: string) => void;
}

export interface PrivateRedis {
  /** The unix socket, valid until `close`. */
  readonly path: string;
  /** Pid of the current server; changes with a restart. */
  readonly pid: number;
  /** Must be called after all other connections are closed. Stops the server if no other process uses it. Idempotent. */
  close(): Promise<void>;
}

const ON_WINDOWS =
  'REDIS_URL is not set, and there is no Redis for Windows that passbridge could start itself. Set REDIS_URL, e.g. to a Redis in Docker or in WSL, or run passbridge in WSL: see docs/platforms.md.';

/** Resolves when the server answers. Throws a `PrivateRedisError` for problems that the operator must fix. */
export async function openPrivateRedis({
  dataDir,
  env,
  binary,
  cacheDir = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'passbridge', 'redis-server'),
  appendfsync = 'everysec',
  repair,
  say = () => {},
}: PrivateRedisOptions): Promise<PrivateRedis> {
  if (process.platform === 'win32') throw new PrivateRedisError(ON_WINDOWS);
  const location = await openLocation(dataDir);
  const findBinary = () => findRedisServer({ binary, cacheDir, env, say });
  const share = await joinServer({ location, appendfsync, findBinary, repair, say }).catch(
    async (error: unknown) => {
      await location.close();
      throw error;
    },
  );
  const close = async () => {
    try {
      await share.leave();
    } finally {
      await location.close();
    }
  };
  let closed: Promise<void> | undefined;
  return {
    path: location.socketPath,
    get pid() {
      return share.pid();
    },
    close: () => (closed ??= close()),
  };
}

/** Redis counts the sharing processes by the name of their connections: a killed process drops out immediately. */
const CLIENT_NAME = 'passbridge-client';

const ROTATE_EVERY_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/** Joins the processes that share the server, and restarts it with exponential backoff if it dies. */
async function joinServer(options: ServerOptions) {
  const { location, say } = options;
  const leaving = new AbortController();
  let recovery = Promise.resolve();

  const connect = () =>
    withLock(location, async () => {
      const running = await ensureServer(options);
      await running.redis.client('SETNAME', CLIENT_NAME);
      return running;
    });

  const recover = async () => {
    say(`The private Redis (pid ${server.pid}) has died; restarting it.`);
    let pauseMs = FIRST_PAUSE_MS;
    while (!leaving.signal.aborted) {
      try {
        server = await connect();
        say(`The private Redis is running again (pid ${server.pid}).`);
        return watch();
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
        await sleep(pauseMs, leaving.signal);
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      }
    }
  };

  const onEnd = () => {
    if (!leaving.signal.aborted) recovery = recover();
  };
  const watch = () => {
    if (server.redis.status === 'end') onEnd();
    else server.redis.once('end', onEnd);
  };

  let server = await connect();
  watch();
  // Redis opens its log for each line, so the file may be renamed at any time.
  const rotation = setInterval(() => rotateIfLarge(location.logFile, logRotation), ROTATE_EVERY_MS);
  rotation.unref();
  return {
    pid: () => server.pid,
    async leave() {
      leaving.abort();
      clearInterval(rotation);
      await recovery;
      await withLock(location, async () => {
        if (server.redis.status !== 'ready') return;
        if (await isLastClient(server.redis)) await stopServer(server, location);
        else disconnect(server.redis);
      });
    },
  };
}

async function isLastClient(redis: Redis): Promise<boolean> {
  const clients = String(await redis.client('LIST')).split('\n');
  return clients.filter((client) => client.includes(` name=${CLIENT_NAME} `)).length <= 1;
}
