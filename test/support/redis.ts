/** The suite's Redis, and a corner of it for each test. */

import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';

/** Unix socket of the Redis that the whole suite shares. */
export function redisPath(): string {
  return inject('redisPath');
}

/** The DATA_DIR with which a program shares the suite's Redis. */
export function sharedDataDir(): string {
  return inject('dataDir');
}

/** A prefix of the test's own, hash-tagged as in a cluster. Its keys are deleted when the test ends. */
export function testPrefix(): string {
  const prefix = `{t-${randomBytes(6).toString('hex')}}`;
  onTestFinished(() => deleteKeys(prefix));
  return prefix;
}

/** A connection that is closed when the test ends. */
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
