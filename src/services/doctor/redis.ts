/** Whether jobs can be trusted to the Redis: that it is there, new enough, never evicts, and keeps what it is told. */

import type { Config } from '../../config/config.ts';
import { openPrivateRedis } from '../../kit/private-redis/open.ts';
import { judgeRedis } from '../../kit/redis/redis-check.ts';
import { connectOnce, type RedisConnection } from '../../kit/redis/redis.ts';
import type { Host } from '../stores.ts';
import { about, type Finding } from './finding.ts';
import { reasonOf } from './reason.ts';

const CONNECT_LIMIT_MS = 5000;

/** Connects as the other commands do, which may start a private Redis, and looks. */
export async function lookAtRedis(
  { redis: { address, serverBin }, files }: Pick<Config, 'redis' | 'files'>,
  { env, say }: Host,
): Promise<Finding[]> {
  if (address !== undefined) return lookAt(address);
  const own = await openPrivateRedis({ dataDir: files.dataDir, env, binary: serverBin, say });
  try {
    return await lookAt({ path: own.path });
  } finally {
    await own.close();
  }
}

async function lookAt(address: Parameters<typeof connectOnce>[0]): Promise<Finding[]> {
  let redis: RedisConnection;
  try {
    redis = await connectOnce(address, CONNECT_LIMIT_MS);
  } catch (error) {
    return [
      about('redis').error(
        `Redis cannot be used: ${reasonOf(error)}`,
        'Check REDIS_URL, its password, and whether Redis runs. Without REDIS_URL a private one is started.',
      ),
    ];
  }
  try {
    return await redisFindings(redis);
  } finally {
    redis.disconnect();
  }
}

/** What a Redis tells of itself. */
export async function redisFindings(redis: Pick<RedisConnection, 'info' | 'config'>): Promise<Finding[]> {
  const { version, policy, faults, persistence } = judgeRedis(await redis.info());
  const judged = (check: string, part: (typeof faults)[number]['about'], fine: string): Finding => {
    const fault = faults.find((one) => one.about === part);
    return fault === undefined ? about(check).ok(fine) : about(check).error(fault.problem, fault.remedy);
  };
  return [
    judged('redis-version', 'version', `Redis ${version}`),
    judged('redis-eviction', 'eviction', policy ?? 'this Redis does not tell its maxmemory-policy'),
    persistenceFinding(persistence, await snapshots(redis)),
    ...(faults.some((fault) => fault.about === 'role') ? [judged('redis-role', 'role', '')] : []),
  ];
}

/** When it takes snapshots, e.g. `3600 1`; empty for never, undefined where a hosted Redis does not tell. */
async function snapshots(redis: Pick<RedisConnection, 'config'>): Promise<string | undefined> {
  try {
    const [, rule] = await redis.config('GET', 'save');
    return rule;
  } catch {
    return undefined;
  }
}

const APPEND = 'Set it: redis-cli CONFIG SET appendonly yes, and in redis.conf.';

function persistenceFinding(
  { aof, works }: ReturnType<typeof judgeRedis>['persistence'],
  save: string | undefined,
): Finding {
  const { ok, warning, error } = about('redis-persistence');
  if (!works)
    return error('Redis failed to write to its disk', 'Look at its log and at the space on its disk.');
  if (aof) return ok('an append-only file keeps every write');
  if (save === '') {
    return error('Redis keeps nothing on disk: a restart of it forgets which cards were made.', APPEND);
  }
  return warning(
    'Redis keeps snapshots at most: a restart of it forgets what came since the last one, cards included.',
    APPEND,
  );
}
