/** Connections to Redis, by the manner of their use, and scripts that run in it. */

import { Cluster, Redis } from 'ioredis';
import type { ClusterAddress, RedisAddress, SentinelAddress } from './redis-address.ts';
import { writeTogether } from './write-together.ts';

/** A server, whichever the sentinels name, or a whole Cluster: they take the same commands. */
export type RedisConnection = Redis | Cluster;

/**
 * Opens a connection that waits out an outage or a failover: commands are kept and sent once Redis is
 * back, for background work that would only have to repeat them.
 */
export function connectPatiently(address: RedisAddress): RedisConnection {
  const redis = open(address);
  if (redis instanceof Cluster) redis.on('+node', writeTogether);
  else writeTogether(redis);
  // ioredis reconnects by itself; without a listener every lost connection would be printed as unhandled.
  redis.on('error', () => {});
  return redis;
}

/** Opens a connection for a look: what cannot be had in time is an error. */
export async function connectOnce(address: RedisAddress, timeoutMs: number): Promise<RedisConnection> {
  const redis = 'url' in address || 'path' in address ? openOnce(address, timeoutMs) : open(address);
  // ioredis would tell of a connection that closes, and hide why: the event has the reason.
  let why: unknown;
  redis.on('error', (error) => (why = error));
  const tooLate = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, refuse) => {
    tooLate.addEventListener('abort', () => refuse(new Error(`no answer within ${timeoutMs} ms`)));
  });
  try {
    await Promise.race([redis.ping(), late]);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw why ?? error;
  }
}

function openOnce(address: { url: string } | { path: string }, timeoutMs: number): Redis {
  const options = { maxRetriesPerRequest: 0, connectTimeout: timeoutMs, retryStrategy: () => null };
  return 'url' in address ? new Redis(address.url, options) : new Redis(address.path, options);
}

const patience = { maxRetriesPerRequest: null, retryStrategy: reconnectDelay };

function open(address: RedisAddress): RedisConnection {
  if ('url' in address) return new Redis(address.url, patience);
  if ('path' in address) return new Redis(address.path, patience);
  return 'nodes' in address ? openCluster(address) : openBySentinels(address);
}

function openBySentinels(address: SentinelAddress): Redis {
  const { sentinels, master, db, tls, sentinelUsername, sentinelPassword } = address;
  return new Redis({
    ...patience,
    ...loginOf(address),
    sentinels: [...sentinels],
    name: master,
    db,
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
    sentinelRetryStrategy: reconnectDelay,
    // Sentinels tell of a failover at once; a master that is cut off would not hang up.
    failoverDetector: true,
    // A master that has become a replica: send it again, to whichever is the master then.
    reconnectOnError: (error: Error) => (error.message.includes('READONLY') ? 2 : false),
  });
}

/** How often a Cluster is asked who has which keys. */
const REFRESH_MS = 5000;

function openCluster({ nodes, tls, ...login }: ClusterAddress): Cluster {
  return new Cluster([...nodes], {
    clusterRetryStrategy: reconnectDelay,
    // Redirections stand for patience here: one each 100 ms while a failover lasts.
    maxRedirections: Number.MAX_SAFE_INTEGER,
    // A machine that is gone hangs up on nobody; asking the others shows who has its place.
    slotsRefreshInterval: REFRESH_MS,
    redisOptions: { maxRetriesPerRequest: null, ...loginOf(login), ...(tls && { tls: {} }) },
    // Certificates are for names, so a node that announces a name is called by it.
    ...(tls && { dnsLookup: (host, found) => found(null, host) }),
  });
}

function loginOf({ username, password }: { username?: string; password?: string }) {
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
}

/** Quick at first, since a restarted Redis is back in well under a second; then once a second. */
function reconnectDelay(times: number): number {
  return Math.min(times * 50, 1000);
}

/**
 * A second connection of the same kind, for what keeps one to itself. Opened when it is first used: one
 * that is let go of while sentinels are still being asked would keep its process from ending.
 */
export function connectAgain(redis: RedisConnection): RedisConnection {
  const lazily = { lazyConnect: true };
  const again = redis instanceof Cluster ? redis.duplicate([], lazily) : redis.duplicate(lazily);
  again.on('error', () => {});
  return again;
}

/**
 * Counts how often the connection is made anew. Redis may have gone back in time meanwhile: a replica that
 * took over, or a server that lost the end of its file, has forgotten what was written last.
 */
export function countConnects(redis: RedisConnection): () => number {
  let count = 0;
  const watch = (node: Redis) => void node.on('connect', () => (count += 1));
  if (redis instanceof Cluster) {
    redis.nodes().forEach(watch);
    redis.on('+node', watch);
  } else watch(redis);
  return () => count;
}

/** Does it, and again where Redis may have forgotten a part of it meanwhile: it has to bear being repeated. */
export async function untilConnected(connects: () => number, act: () => Promise<void>): Promise<void> {
  for (let before = NaN; before !== connects();) {
    before = connects();
    await act();
  }
}

export type ScriptCall = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/** Makes a Lua script callable; it is sent once per connection and called by its hash after that. */
export function defineScript(redis: RedisConnection, name: string, lua: string): ScriptCall {
  redis.defineCommand(name, { lua });
  const command: unknown = Reflect.get(redis, name);
  if (typeof command !== 'function') throw new Error(`ioredis did not define the script ${name}`);
  return (keys, args) => Reflect.apply(command, redis, [keys.length, ...keys, ...args]) as Promise<unknown>;
}

/** Whether Redis itself said no: full, read-only, loading. */
export function isRedisRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}
