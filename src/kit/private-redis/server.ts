/**
 * Ensures one running server per location: adopts a running server or starts one. Call these functions
 * under the lock: a second server would take over the first one's socket and write to the same files.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { RedisServerBinary } from './binary.ts';
import { PrivateRedisError, type RedisLocation } from './location.ts';
import { disconnect, probe } from './probe.ts';
import { isDamaged, repairAdvice, type RepairOptions, repairStore } from './repair.ts';
import { type AppendFsync, findServerPid, spawnServer, waitForExit } from './server-process.ts';

export interface RunningServer {
  /** An open connection, which ends when the server does. */
  redis: Redis;
  pid: number;
}

export interface ServerOptions {
  location: RedisLocation;
  appendfsync: AppendFsync;
  /** Called only if a server must be started. */
  findBinary: () => Promise<RedisServerBinary>;
  /** Absent: a damaged store is not repaired. */
  repair?: RepairOptions | undefined;
  say: (line: string) => void;
}

const POLL_MS = 20;
/** From spawn to the first reply, not counting the time to load the data. */
const START_TIMEOUT_MS = 30_000;
/** Redis loads about 100 MB of append-only file per second. */
const LOAD_TIMEOUT_MS = 600_000;
/** After this wait the operator is told its reason. */
const REPORT_AFTER_MS = 3_000;
const SILENCE_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 60_000;

/** Returns this location's server, adopted or started, with its settings checked. */
export async function ensureServer(options: ServerOptions): Promise<RunningServer> {
  const redis = (await connect(options, () => true)) ?? (await start(options));
  try {
    await checkSettings(redis, options.location);
    // By these times a repair knows how much was lost. Redis 6 has no such setting.
    await redis.config('SET', 'aof-timestamp-enabled', 'yes').catch(() => {});
    return { redis, pid: await readPid(redis) };
  } catch (error) {
    disconnect(redis);
    throw error;
  }
}

/** Shuts the server down, which saves its data, and waits for its exit. */
export async function stopServer({ redis, pid }: RunningServer, location: RedisLocation): Promise<void> {
  // On success the connection ends without a reply. After an error the server keeps running.
  const shutdownError = await redis.shutdown().then(
    () => undefined,
    (error: unknown) => error,
  );
  disconnect(redis);
  if (await waitForExit(pid, location, STOP_TIMEOUT_MS)) return;
  throw new PrivateRedisError(
    `The private Redis (pid ${pid}) did not stop within ${STOP_TIMEOUT_MS / 1000} s. See its log, ${location.logFile}.`,
    { cause: shutdownError },
  );
}

async function start(options: ServerOptions): Promise<Redis> {
  const { location, appendfsync, findBinary, repair, say } = options;
  await endUnreachable(location);
  const binary = await findBinary();
  const child = await spawnServer(binary, location, appendfsync);
  const deadline = performance.now() + START_TIMEOUT_MS;
  const redis = await connect(options, () => child.hasExited() || performance.now() > deadline);
  if (redis === undefined) {
    child.terminate();
    if (!isDamaged(await child.log())) throw new PrivateRedisError(await child.explain());
    if (repair === undefined) {
      throw new PrivateRedisError(`The private Redis in ${location.folder} did not start. ${repairAdvice}`);
    }
    await repairStore(binary, location, repair, say);
    return start({ ...options, repair: undefined });
  }
  // Differs only if the lock was lost and another process started its own server meanwhile.
  if ((await readPid(redis)) !== child.pid) child.terminate();
  return redis;
}

/**
 * Returns an open connection once the server replies; undefined if no server listens and `giveUp` returns
 * true. Waits, within limits, for a busy or silent server, because it owns the files.
 */
async function connect({ location, say }: ServerOptions, giveUp: () => boolean): Promise<Redis | undefined> {
  const startedAt = performance.now();
  let lastReplyAt = startedAt;
  let isReported = false;
  for (;;) {
    const result = await probe(location.socketPath);
    const now = performance.now();
    switch (result.state) {
      case 'up':
        return result.redis;
      case 'down':
        if (giveUp()) return undefined;
        break;
      case 'busy':
        lastReplyAt = now;
        if (now - startedAt > LOAD_TIMEOUT_MS) throw stuck(location, `is still busy (${result.reply})`);
        if (now - startedAt > REPORT_AFTER_MS && !isReported) {
          isReported = true;
          say(`Waiting for the private Redis: ${result.reply}`);
        }
        break;
      case 'silent':
        if (now - lastReplyAt > SILENCE_TIMEOUT_MS) throw stuck(location, 'does not answer');
    }
    await delay(POLL_MS);
  }
}

function stuck({ folder, pidFile, logFile }: RedisLocation, problem: string): PrivateRedisError {
  return new PrivateRedisError(
    `The private Redis in ${folder} ${problem}. Its pid is in ${pidFile}, its log is ${logFile}.`,
  );
}

/** Ends a server that nothing can reach because its socket was deleted, e.g. by a cleaner of old files. */
async function endUnreachable(location: RedisLocation): Promise<void> {
  const pid = await findServerPid(location);
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has just exited, or belongs to another user; the wait below tells which.
  }
  if (!(await waitForExit(pid, location, STOP_TIMEOUT_MS))) {
    throw stuck(location, 'has lost its socket and does not stop');
  }
}

async function readPid(redis: Redis): Promise<number> {
  return Number(/^process_id:(\d+)/m.exec(await redis.info('server'))?.[1]);
}

/** Rejects a foreign server in this folder, which may store its data elsewhere or not at all. */
async function checkSettings(redis: Redis, { folder, socketPath }: RedisLocation): Promise<void> {
  const required = { dir: folder, appendonly: 'yes', 'maxmemory-policy': 'noeviction' };
  for (const [name, value] of Object.entries(required)) {
    const [, found] = await redis.config('GET', name);
    if (found === value) continue;
    throw new PrivateRedisError(
      `The Redis at ${socketPath} was not started by passbridge: ${name} is ${found ?? 'unknown'}, not ${value}. Stop it, or choose another DATA_DIR.`,
    );
  }
}
