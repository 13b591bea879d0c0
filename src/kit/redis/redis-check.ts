/** Whether a Redis may be trusted with jobs. What is refused here would lose them later, quietly. */

import { Cluster, Redis } from 'ioredis';
import type { RedisConnection } from './redis.ts';
import { memoryInfo } from './redis-nodes.ts';

const OLDEST = [6, 2] as const;

/** One thing that is wrong with a Redis. */
export interface RedisFault {
  about: 'version' | 'eviction' | 'role';
  problem: string;
  remedy: string;
}

/** Milliseconds that a replica has to answer; one that is away is judged when it is there. */
const REPLICA_MS = 2000;

/**
 * One sentence, with the remedy, for each thing that is wrong; empty when all is well. Judged are all
 * servers that a failover or a moved slot may put in charge, as far as they answer.
 */
export async function redisProblems(redis: RedisConnection): Promise<string[]> {
  if (redis instanceof Cluster) {
    // Waits until the nodes are known.
    await redis.ping();
    return judgeAll(redis.nodes('all'));
  }
  const info = await redis.info();
  const problems = serverProblems(info);
  if (redis.options.sentinels === null || redis.options.sentinels === undefined) {
    return readInfo(info).get('cluster_enabled') === '1'
      ? [...problems, 'Redis is part of a Cluster. Set REDIS_URL to redis+cluster://host:port,host:port.']
      : problems;
  }
  return [...problems, ...(await replicaProblems(redis, info))];
}

/** What is wrong with a server, by its `INFO`. */
export function serverProblems(info: string): string[] {
  return judgeRedis(info).faults.map(sentence);
}

/** What `INFO` tells of a Redis, and what of it is wrong. */
export function judgeRedis(info: string) {
  const facts = readInfo(info);
  return {
    version: versionOf(facts),
    policy: facts.get('maxmemory_policy'),
    faults: serverFaults(facts),
    persistence: {
      /** Whether every write is kept, to the second. */
      aof: facts.get('aof_enabled') === '1',
      /** Whether the last write to disk went well, of either kind. */
      works: facts.get('aof_last_write_status') !== 'err' && facts.get('rdb_last_bgsave_status') !== 'err',
    },
  };
}

function serverFaults(facts: ReadonlyMap<string, string>): RedisFault[] {
  if (facts.get('redis_mode') === 'sentinel') {
    const remedy = 'Set REDIS_URL to redis+sentinel://host:port,host:port/master-name.';
    return [{ about: 'role', problem: 'That is a sentinel.', remedy }];
  }
  const faults = standbyFaults(facts);
  if (facts.get('role') === 'slave') {
    faults.push({
      about: 'role',
      problem: 'Redis is a read-only replica.',
      remedy: 'Set REDIS_URL to its primary.',
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

/** What would be wrong with a server were it the master. */
function standbyFaults(facts: ReadonlyMap<string, string>): RedisFault[] {
  const faults: RedisFault[] = [];
  const version = versionOf(facts);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    faults.push({
      about: 'version',
      problem: `Redis ${version} is too old.`,
      remedy: `passbridge needs ${OLDEST.join('.')} or newer.`,
    });
  }
  const policy = facts.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    faults.push({
      about: 'eviction',
      problem: `Redis would throw jobs away when its memory is full (maxmemory-policy is ${policy}).`,
      remedy: 'Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and in redis.conf.',
    });
  }
  return faults;
}

/** The master names them; the login is the same, since each may become the master. */
async function replicaProblems(master: Redis, info: string): Promise<string[]> {
  const { username, password, tls } = master.options;
  const replicas = [...info.matchAll(/^slave\d+:ip=([^,]+),port=(\d+)/gm)].map(
    ([, host = '', port]) =>
      new Redis({
        host,
        port: Number(port),
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
        ...(tls !== undefined && { tls }),
        connectTimeout: REPLICA_MS,
        commandTimeout: REPLICA_MS,
        retryStrategy: null,
        maxRetriesPerRequest: 0,
      }),
  );
  for (const replica of replicas) replica.on('error', () => {});
  try {
    return await judgeAll(replicas);
  } finally {
    for (const replica of replicas) replica.disconnect();
  }
}

async function judgeAll(servers: readonly Redis[]): Promise<string[]> {
  const judged = servers.map(async (server) => {
    const { host = '', port = 0 } = server.options;
    const info = await server.info().catch(() => undefined);
    const faults = info === undefined ? [] : standbyFaults(readInfo(info));
    return faults.map((fault) => `${host}:${port}: ${sentence(fault)}`);
  });
  return (await Promise.all(judged)).flat();
}

/** Bytes in use where this key is kept, and how many there may be; undefined where nobody set a limit. */
export async function redisMemory(
  redis: RedisConnection,
  key: string,
): Promise<{ used: number; most: number | undefined }> {
  const facts = readInfo(await memoryInfo(redis, key));
  const most = Number(facts.get('maxmemory') ?? 0);
  return { used: Number(facts.get('used_memory') ?? 0), most: most === 0 ? undefined : most };
}

/** `INFO` as `name → value`. */
function readInfo(text: string): Map<string, string> {
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );
}
