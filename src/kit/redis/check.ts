/** Checks that a Redis is safe to store jobs in. A Redis that fails a check would later lose jobs silently. */

import { Cluster, Redis } from 'ioredis';
import type { RedisConnection } from './redis.ts';
import { ping, type RedisRefusal, refusals } from './refusal.ts';
import { parseInfo } from './servers.ts';

const MIN_VERSION = [6, 2] as const;

export interface RedisFault {
  about: 'version' | 'eviction' | 'role';
  problem: string;
  remedy: string;
}

/** Timeout in milliseconds for each replica. A replica that is down is checked the next time. */
const REPLICA_TIMEOUT_MS = 2000;

/**
 * Returns one sentence with the remedy for each fault; empty if there is none. Checks every reachable
 * server that may become the master after a failover or a moved slot.
 */
export async function redisProblems(redis: RedisConnection): Promise<string[]> {
  if (redis instanceof Cluster) {
    // Waits until the nodes are known.
    await ping(redis);
    return checkAll(redis.nodes('all'));
  }
  const info = await redis.info();
  const problems = serverProblems(info);
  if (redis.options.sentinels === null || redis.options.sentinels === undefined) {
    return parseInfo(info).get('cluster_enabled') === '1'
      ? [...problems, 'Redis is part of a Cluster. Set REDIS_URL to redis+cluster://host:port,host:port.']
      : problems;
  }
  return [...problems, ...(await replicaProblems(redis, info))];
}

/** Returns why Redis stores nothing now although its configuration is right; undefined if it does. */
export async function redisShortage(redis: RedisConnection): Promise<RedisRefusal | undefined> {
  const { memory, persistence } = inspectServer(await redis.info());
  if (memory.limit > 0 && memory.used >= memory.limit) return refusals.OOM;
  return persistence.works ? undefined : refusals.MISCONF;
}

/** Returns the faults of one server, given its `INFO`. */
export function serverProblems(info: string): string[] {
  return inspectServer(info).faults.map(sentence);
}

/** Summarizes the `INFO` of one server: version, eviction policy, persistence and faults. */
export function inspectServer(info: string) {
  const facts = parseInfo(info);
  return {
    version: versionOf(facts),
    policy: facts.get('maxmemory_policy'),
    faults: serverFaults(facts),
    persistence: {
      /** Whether the append-only file is on, which loses at most the last second. */
      aof: facts.get('aof_enabled') === '1',
      /** Whether the last write of both the append-only file and the snapshot succeeded. */
      works: facts.get('aof_last_write_status') !== 'err' && facts.get('rdb_last_bgsave_status') !== 'err',
    },
    /** Bytes used and allowed; `limit` is 0 without a limit. */
    memory: { used: Number(facts.get('used_memory') ?? 0), limit: Number(facts.get('maxmemory') ?? 0) },
  };
}

function serverFaults(facts: ReadonlyMap<string, string>): RedisFault[] {
  if (facts.get('redis_mode') === 'sentinel') {
    const remedy = 'Set REDIS_URL to redis+sentinel://host:port,host:port/master-name.';
    return [{ about: 'role', problem: 'REDIS_URL points to a sentinel.', remedy }];
  }
  const faults = masterFaults(facts);
  if (facts.get('role') === 'slave') {
    faults.push({
      about: 'role',
      problem: 'Redis is a read-only replica.',
      remedy: 'Set REDIS_URL to its master.',
    });
  }
  return faults;
}

function versionOf(facts: ReadonlyMap<string, string>): string {
  return facts.get('redis_version') ?? 'unknown';
}

function sentence({ problem, remedy }: RedisFault): string {
  return `${problem} ${remedy}`;
}

/** Faults that would matter if this server were the master. */
function masterFaults(facts: ReadonlyMap<string, string>): RedisFault[] {
  const faults: RedisFault[] = [];
  const version = versionOf(facts);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1])) {
    faults.push({
      about: 'version',
      problem: `Redis ${version} is too old.`,
      remedy: `passbridge needs ${MIN_VERSION.join('.')} or newer.`,
    });
  }
  const policy = facts.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    faults.push({
      about: 'eviction',
      problem: `Redis would evict jobs when its memory is full (maxmemory-policy is ${policy}).`,
      remedy: 'Run redis-cli CONFIG SET maxmemory-policy noeviction, and set it in redis.conf.',
    });
  }
  return faults;
}

/** Checks the replicas that the master lists, with the master's login: each of them may become the master. */
async function replicaProblems(master: Redis, info: string): Promise<string[]> {
  const { username, password, tls } = master.options;
  const replicas = [...info.matchAll(/^slave\d+:ip=([^,\s]+),port=(\d+)/gm)].map(
    ([, host = '', port]) =>
      new Redis({
        host,
        port: Number(port),
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
        ...(tls !== undefined && { tls }),
        connectTimeout: REPLICA_TIMEOUT_MS,
        commandTimeout: REPLICA_TIMEOUT_MS,
        retryStrategy: null,
        maxRetriesPerRequest: 0,
      }),
  );
  for (const replica of replicas) replica.on('error', () => {});
  try {
    return await checkAll(replicas);
  } finally {
    for (const replica of replicas) replica.disconnect();
  }
}

async function checkAll(servers: readonly Redis[]): Promise<string[]> {
  const problems = servers.map(async (server) => {
    const { host = '', port = 0 } = server.options;
    const info = await server.info().catch(() => undefined);
    const faults = info === undefined ? [] : masterFaults(parseInfo(info));
    return faults.map((fault) => `${host}:${port}: ${sentence(fault)}`);
  });
  return (await Promise.all(problems)).flat();
}
