/** Connections to Redis, and Lua scripts that run in it. */

import { Cluster, Redis } from 'ioredis';
import { withDeadline } from '../deadline.ts';
import type { ClusterAddress, RedisAddress, SentinelAddress } from './address.ts';
import { ping } from './refusal.ts';

/** A single server, the master that sentinels name, or a Cluster: all accept the same commands. */
export type RedisConnection = Redis | Cluster;

/**
 * Opens a connection that survives outages and failovers: commands are queued and sent when Redis is back,
 * for background work that would otherwise have to retry them.
 */
export function connectRedis(address: RedisAddress): RedisConnection {
  const redis = open(address);
  if (redis instanceof Cluster) redis.on('+node', coalesceWrites);
  else coalesceWrites(redis);
  // ioredis reconnects automatically; without a listener it would print every lost connection as unhandled.
  redis.on('error', () => {});
  return redis;
}

/** Opens a connection for a single check; throws if Redis does not answer within `timeoutMs`. */
export async function connectOnce(address: RedisAddress, timeoutMs: number): Promise<RedisConnection> {
  const redis = 'url' in address || 'path' in address ? openOnce(address, timeoutMs) : open(address);
  // The rejected ping says only that the connection closed; the event has the reason.
  let reason: unknown;
  redis.on('error', (error) => (reason = error));
  try {
    await withDeadline(
      timeoutMs,
      () => ping(redis),
      () => new Error(`no reply within ${timeoutMs} ms`),
    );
    return redis;
  } catch (error) {
    redis.disconnect();
    throw reason ?? error;
  }
}

function openOnce(address: { url: string } | { path: string }, timeoutMs: number): Redis {
  const options = { maxRetriesPerRequest: 0, connectTimeout: timeoutMs, retryStrategy: () => null };
  return 'url' in address ? new Redis(address.url, options) : new Redis(address.path, options);
}

function open(address: RedisAddress): RedisConnection {
  if ('url' in address) return new Redis(address.url, followMaster());
  if ('path' in address) return new Redis(address.path, followMaster());
  return 'nodes' in address ? openCluster(address) : openBySentinels(address);
}

function openBySentinels(address: SentinelAddress): Redis {
  const { sentinels, master, db, tls, sentinelUsername, sentinelPassword } = address;
  return new Redis({
    ...followMaster(),
    ...loginOf(address),
    sentinels: [...sentinels],
    name: master,
    db,
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
    sentinelRetryStrategy: reconnectDelay,
    // Sentinels report a failover immediately; an isolated master would not close its connections.
    failoverDetector: true,
  });
}

/** Milliseconds between two reads of the slot map. */
const SLOTS_REFRESH_MS = 5000;

function openCluster({ nodes, tls, ...login }: ClusterAddress): Cluster {
  return new Cluster([...nodes], {
    clusterRetryStrategy: reconnectDelay,
    // During a failover each redirection waits 100 ms, so this is what makes commands wait it out.
    maxRedirections: Number.MAX_SAFE_INTEGER,
    // A dead machine closes no connection; the slot map of the other nodes names its replacement.
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    redisOptions: { maxRetriesPerRequest: null, ...loginOf(login), ...(tls && { tls: {} }) },
    // Certificates are issued for names, so connect to a node by the name that it announces.
    ...(tls && { dnsLookup: (host, found) => found(null, host) }),
  });
}

function loginOf({ username, password }: { username?: string; password?: string }) {
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
}

/** The server has become a replica, or is loading the data of its new master. It has done nothing of the command. */
const NOT_MASTER = /(?:^|-)(?:READONLY|LOADING|MASTERDOWN) |^UNBLOCKED force /;
/** Quoted in the reply to `EXEC`: all commands of the transaction are refused. */
const TRANSACTION_ON_REPLICA = /^EXECABORT .*READONLY /;
/** Pause between two attempts to reach the new master, while the address still leads to the old one. */
const FAILOVER_POLL_MS = 250;

/**
 * Returns the options of a connection that keeps trying, and follows the master behind one address: a managed failover
 * leaves connections to the old master open, which would refuse every write until someone cuts them. A refused command
 * is sent again after the reconnect.
 */
function followMaster() {
  let refusedAt = -Infinity;
  const isRefused = () => performance.now() - refusedAt < 2 * FAILOVER_POLL_MS;
  return {
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => (isRefused() ? FAILOVER_POLL_MS : reconnectDelay(times)),
    reconnectOnError: ({ message }: Error): false | 1 | 2 => {
      const isTransaction = TRANSACTION_ON_REPLICA.test(message);
      if (!isTransaction && !NOT_MASTER.test(message)) return false;
      refusedAt = performance.now();
      // A lone EXEC cannot be sent again; its caller gets the error.
      return isTransaction ? 1 : 2;
    },
  };
}

/** Grows from 50 ms, because a restarted Redis is back in well under a second, to one second. */
function reconnectDelay(times: number): number {
  return Math.min(times * 50, 1000);
}

/**
 * Sends commands issued in the same turn of the event loop with one write, from the next connect on. With
 * 20 concurrent commands over a unix socket this takes 6–10 µs of CPU per command, against 11–13 µs
 * without it. ioredis' `enableAutoPipelining` makes the same number of writes, but costs 14–20 µs, and its
 * commands would leave after explicit pipelines of the same turn.
 */
function coalesceWrites(redis: Redis): void {
  redis.on('connect', () => {
    const { stream } = redis;
    const write = stream.write.bind(stream);
    const corkedWrite = (...chunk: Parameters<typeof write>) => {
      if (stream.writableCorked === 0) {
        stream.cork();
        setImmediate(() => stream.uncork());
      }
      return write(...chunk);
    };
    stream.write = corkedWrite as typeof stream.write;
  });
}

/**
 * Opens a second connection of the same kind, for blocking commands or subscriptions. It connects on first
 * use: disconnecting while sentinels are still being queried would keep the process alive.
 */
export function duplicateConnection(redis: RedisConnection): RedisConnection {
  const lazily = { lazyConnect: true };
  const duplicate = redis instanceof Cluster ? redis.duplicate([], lazily) : redis.duplicate(lazily);
  duplicate.on('error', () => {});
  return duplicate;
}

/**
 * Returns a function that counts the connects so far. Each reconnect may have lost writes: a promoted replica,
 * or a server that lost the end of its append-only file, lacks the latest of them.
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

/** Runs idempotent work, and again if Redis reconnected meanwhile and may have lost part of it. */
export async function repeatIfReconnected(connects: () => number, work: () => Promise<void>): Promise<void> {
  for (let before = NaN; before !== connects();) {
    before = connects();
    await work();
  }
}

export type ScriptCall = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/** Defines a Lua script; ioredis sends its text once per connection and calls it by its hash after that. */
export function defineScript(redis: RedisConnection, name: string, lua: string): ScriptCall {
  redis.defineCommand(name, { lua });
  const command: unknown = Reflect.get(redis, name);
  if (typeof command !== 'function') throw new Error(`ioredis did not define the script ${name}`);
  return (keys, args) => Reflect.apply(command, redis, [keys.length, ...keys, ...args]) as Promise<unknown>;
}

/** Returns whether Redis itself rejected the command, e.g. because it is full, read-only or loading. */
export function isRedisReplyError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}
