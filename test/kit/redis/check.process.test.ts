import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis } from '../../../src/kit/redis/redis.ts';
import { redisProblems, serverProblems } from '../../../src/kit/redis/check.ts';
import { openPrivateRedis, type PrivateRedis } from '../../../src/kit/private-redis/private-redis.ts';

describe('redisProblems', () => {
  let folder: string;
  let server: PrivateRedis;
  let redis: ReturnType<typeof connectRedis>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'passbridge-check-'));
    server = await openPrivateRedis({ dataDir: folder, env: process.env });
    redis = connectRedis({ path: server.path });
  });
  afterAll(async () => {
    redis.disconnect();
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('accepts the private Redis', async () => {
    expect(await redisProblems(redis)).toEqual([]);
  });

  it('rejects a Redis that evicts keys', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await redisProblems(redis)).toEqual([
      expect.stringMatching(/allkeys-lru.*CONFIG SET maxmemory-policy noeviction/),
    ]);
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
  });

  it('rejects a replica', async () => {
    await redis.replicaof('127.0.0.1', 1);
    expect(await redisProblems(redis)).toEqual([expect.stringMatching(/replica.*REDIS_URL/)]);
    await redis.replicaof('NO', 'ONE');
  });

  it('rejects a sentinel', () => {
    expect(serverProblems('redis_mode:sentinel\r\nredis_version:7.0.15\r\n')).toEqual([
      expect.stringMatching(/redis\+sentinel:/),
    ]);
  });

  it('rejects a Redis that is too old', () => {
    const old = 'redis_version:5.0.14\r\nmaxmemory_policy:noeviction\r\n';
    expect(serverProblems(old)).toEqual([expect.stringMatching(/5\.0\.14.*6\.2/)]);
  });
});
