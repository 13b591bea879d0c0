/**
 * One running server for a place: the one that is there is adopted, a missing one is started. Call it
 * under the lock: a second server would take the first one's socket away and write the same files.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { RedisServerBinary } from './binary.ts';
import { contact, hangUp } from './contact.ts';
import type { Place } from './location.ts';
import { PrivateRedisError } from './private-redis-error.ts';
import { findServerProcess, waitUntilGone } from './server-process.ts';
import { spawnServer, type AppendFsync } from './spawn-server.ts';

/** A server with open connection; the connection ends when the server does. */
export interface RunningServer {
  redis: Redis;
  pid: number;
}

export interface ServerNeeds {
  place: Place;
  appendfsync: AppendFsync;
  /** Asked only when a server must be started. */
  findBinary: () => Promise<RedisServerBinary>;
  say: (line: string) => void;
}

const POLL_MS = 20;
/** From spawn to the first answer; loading data does not count. */
const START_MS = 30_000;
/** Redis loads about 100 MB of append-only file a second. */
const LOAD_MS = 600_000;
/** A wait that makes an operator wonder. */
const TELL_AFTER_MS = 3_000;
const SILENCE_MS = 30_000;
const STOP_MS = 60_000;

/** The server of this place, adopted or started, answering and rightly configured. */
export async function ensureServer(needs: ServerNeeds): Promise<RunningServer> {
  const redis = (await reach(needs, () => true)) ?? (await start(needs));
  try {
    await checkSettings(redis, needs.place);
    return { redis, pid: await askPid(redis) };
  } catch (error) {
    hangUp(redis);
    throw error;
  }
}

/** Asks the server to write everything down and end, and waits until it has. */
export async function stopServer({ redis, pid }: RunningServer, place: Place): Promise<void> {
  // The connection ends without a reply; a refusal shows by the server still being there.
  const refusal = await redis.shutdown().then(
    () => undefined,
    (error: unknown) => error,
  );
  hangUp(redis);
  if (await waitUntilGone(pid, place, STOP_MS)) return;
  throw new PrivateRedisError(
    `The private Redis (pid ${pid}) did not stop within ${STOP_MS / 1000} s; its log is ${place.logFile}.`,
    { cause: refusal },
  );
}

async function start(needs: ServerNeeds): Promise<Redis> {
  const { place, appendfsync, findBinary } = needs;
  await endUnreachable(place);
  const child = await spawnServer(await findBinary(), place, appendfsync);
  const deadline = performance.now() + START_MS;
  const redis = await reach(needs, () => child.ended() || performance.now() > deadline);
  if (redis === undefined) {
    child.terminate();
    throw new PrivateRedisError(await child.explain());
  }
  // Only if the lock was lost to another process, which started a server of its own meanwhile.
  if ((await askPid(redis)) !== child.pid) child.terminate();
  return redis;
}

/**
 * An open connection to the server once it answers; undefined when nobody is there and `giveUp` says
 * so. Waits, within limits, for one that is busy or silent: somebody is there, and it has the files.
 */
async function reach({ place, say }: ServerNeeds, giveUp: () => boolean): Promise<Redis | undefined> {
  const begin = performance.now();
  let lastHeard = begin;
  let told = false;
  for (;;) {
    const result = await contact(place.socketPath);
    const now = performance.now();
    switch (result.state) {
      case 'answers':
        return result.redis;
      case 'nobody':
        if (giveUp()) return undefined;
        break;
      case 'busy':
        lastHeard = now;
        if (now - begin > LOAD_MS) throw stuck(place, `is still busy (${result.reply})`);
        if (now - begin > TELL_AFTER_MS && !told) {
          told = true;
          say(`Waiting for the private Redis: ${result.reply}`);
        }
        break;
      case 'silent':
        if (now - lastHeard > SILENCE_MS) throw stuck(place, 'does not answer');
    }
    await delay(POLL_MS);
  }
}

function stuck(place: Place, how: string): PrivateRedisError {
  return new PrivateRedisError(
    `The private Redis in ${place.folder} ${how}. Its pid is in ${place.pidFile}, its log is ${place.logFile}.`,
  );
}

/** Ends a server whose socket was taken away (by a cleaner of old files, say): nobody could reach it. */
async function endUnreachable(place: Place): Promise<void> {
  const pid = await findServerProcess(place);
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // Gone a moment ago; one of another user's is found by the wait.
  }
  if (!(await waitUntilGone(pid, place, STOP_MS))) {
    throw stuck(place, 'listens nowhere and does not stop');
  }
}

async function askPid(redis: Redis): Promise<number> {
  return Number(/^process_id:(\d+)/m.exec(await redis.info('server'))?.[1]);
}

/** A server that someone else put here may keep its data elsewhere, or not at all. */
async function checkSettings(redis: Redis, place: Place): Promise<void> {
  const wanted = { dir: place.folder, appendonly: 'yes', 'maxmemory-policy': 'noeviction' };
  for (const [name, value] of Object.entries(wanted)) {
    const [, found] = await redis.config('GET', name);
    if (found === value) continue;
    throw new PrivateRedisError(
      `The Redis that answers at ${place.socketPath} was not started by passbridge: ${name} is ${found ?? 'unknown'}, not ${value}. Stop it, or choose another DATA_DIR.`,
    );
  }
}
