/** The suite's Redis, and a key prefix of it for each test. */

import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';

/** Returns the Unix socket of the Redis that the whole suite shares. */
export function redisPath(): string {
  return inject('redisPath');
}

/** Returns the DATA_DIR with which a process shares the suite's Redis. */
export function sharedDataDir(): string {
  return inject('dataDir');
}

/** Returns a unique prefix with a hash tag, as in a Cluster. Its keys are deleted when the test ends. */
export function testPrefix(): string {
  const prefix = `{t-${randomBytes(6).toString('hex')}}`;
  onTestFinished(() => deleteKeys(prefix));
  return prefix;
}

/** Opens a connection that is closed when the test ends. */
export function openRedis(): Redis {
  const redis = new Redis(redisPath(), { maxRetriesPerRequest: null });
  onTestFinished(() => redis.disconnect());
  return redis;
}

async function deleteKeys(prefix: string): Promise<void> {
  const redis = new Redis(redisPath());
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 }) as AsyncIterable<
      string[]
    >) {
      if (keys.length > 0) await redis.unlink(keys);
    }
  } finally {
    redis.disconnect();
  }
}
