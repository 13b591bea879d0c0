/** Loads a snapshot (RDB file) into the private Redis, or into the Redis of REDIS_URL through a private one. */

import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import type { Config } from '../../config/config.ts';
import { openPrivateRedis } from '../../kit/private-redis/private-redis.ts';
import { connectRedis, type RedisConnection } from '../../kit/redis/redis.ts';
import { masterNodes } from '../../kit/redis/servers.ts';
import { waitForRedis } from '../../kit/redis/wait-for-redis.ts';
import { UserError } from '../../kit/user-error.ts';
import type { Host } from '../stores.ts';
import { PRIVATE_FOLDER } from '../../kit/files.ts';

interface LoadOptions {
  config: Pick<Config, 'files' | 'redis'>;
  /** Database of the snapshot that has the data. */
  db: number;
  host: Host;
}

/** Keys that are copied at once. */
const PAGE = 200;

/** Throws a {@link UserError} if Redis has data of this prefix already. */
export async function loadSnapshot(rdb: string, { config, db, host }: LoadOptions): Promise<void> {
  const { files, redis } = config;
  if (redis.address !== undefined) return loadOverWire(rdb, redis.address, { config, db, host });
  if (db === 0) return putSnapshot(rdb, files.dataDir);
  throw new UserError(
    'BACKUP_REFUSED',
    `The backup has its data in database ${db} of a Redis server, and a private Redis uses database 0. Set REDIS_URL to restore it.`,
  );
}

/**
 * A Redis with an append-only file ignores `dump.rdb`, but accepts a snapshot as the beginning of that file, and a
 * recent one moves it to `appendonlydir`.
 */
async function putSnapshot(rdb: string, dataDir: string): Promise<void> {
  const target = join(dataDir, 'redis', 'appendonly.aof');
  await mkdir(dirname(target), { recursive: true, mode: PRIVATE_FOLDER });
  await copyFile(rdb, target);
}

/** A restore is a command in the foreground. */
const REDIS_TIMEOUT_MS = 15_000;

async function loadOverWire(
  rdb: string,
  address: NonNullable<Config['redis']['address']>,
  { config, db, host: { env, say } }: LoadOptions,
): Promise<void> {
  const { prefix, serverBin } = config.redis;
  const target = connectRedis(address);
  try {
    const unreachable = await waitForRedis(target, { say, giveUpAfterMs: REDIS_TIMEOUT_MS });
    if (unreachable !== undefined) throw new UserError('REDIS_MISCONFIGURED', unreachable);
    if (await hasData(target, prefix)) {
      throw new UserError(
        'BACKUP_REFUSED',
        `Redis has data under QUEUE_PREFIX ${prefix}, and a restore replaces nothing. Empty it, or use another Redis.`,
      );
    }
    const folder = join(dirname(rdb), 'snapshot');
    await putSnapshot(rdb, folder);
    const snapshot = await openPrivateRedis({ dataDir: folder, env, binary: serverBin, say });
    const source = new Redis(snapshot.path, { db });
    try {
      await copyKeys(source, target, prefix);
    } finally {
      source.disconnect();
      await snapshot.close();
    }
  } finally {
    target.disconnect();
  }
}

async function hasData(redis: RedisConnection, prefix: string): Promise<boolean> {
  for (const server of masterNodes(redis)) {
    for await (const keys of server.scanStream({ match: matchAll(prefix), count: 1000 })) {
      if ((keys as string[]).length > 0) return true;
    }
  }
  return false;
}

async function copyKeys(source: Redis, target: RedisConnection, prefix: string): Promise<void> {
  for await (const found of source.scanStream({ match: matchAll(prefix), count: PAGE })) {
    const names = found as string[];
    await Promise.all(
      names.map(async (name) => {
        const [content, ttl] = await Promise.all([source.dumpBuffer(name), source.pttl(name)]);
        // A scan may return a key twice, and a key may expire meanwhile.
        if (content !== null && ttl !== -2) await target.restore(name, Math.max(ttl, 0), content, 'REPLACE');
      }),
    );
  }
}

function matchAll(prefix: string): string {
  return `${prefix.replaceAll(/[*?[\]\\]/g, '\\$&')}:*`;
}
