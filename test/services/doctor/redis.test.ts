import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookAtRedis, redisFindings } from '../../../src/services/doctor/redis.ts';
import { openPrivateRedis, type PrivateRedis } from '../../../src/kit/private-redis/open.ts';
import { connectOnce } from '../../../src/kit/redis/redis.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { configOf, levels } from './upstream.ts';

const fine = { 'redis-version': 'ok', 'redis-eviction': 'ok', 'redis-persistence': 'ok' };
const quiet = { env: process.env, say: () => {} };

/** A hosted one, which tells what it wants to. */
const told = (info: string) => ({
  info: async () => `maxmemory_policy:noeviction\r\n${info}\r\n`,
  config: async () => {
    throw new Error('ERR unknown command');
  },
});

const levelsOf = async (info: string) => levels(await redisFindings(told(info)));

describe('Redis', () => {
  let folder: string;
  let server: PrivateRedis;
  let redis: Awaited<ReturnType<typeof connectOnce>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'passbridge-doctor-'));
    server = await openPrivateRedis({ dataDir: folder, env: process.env });
    redis = await connectOnce({ path: server.path }, 5000);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('of our own is as it should be', async () => {
    expect(levels(await lookAtRedis(configOf({ DATA_DIR: folder }), quiet))).toEqual(fine);
  });

  it('that evicts is an error until it does not', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const findings = await redisFindings(redis);
    expect(levels(findings)).toEqual({ ...fine, 'redis-eviction': 'error' });
    expect(findings[1]).toMatchObject({
      message: expect.stringContaining('allkeys-lru'),
      fix: expect.stringContaining('maxmemory-policy noeviction'),
    });
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    expect(levels(await redisFindings(redis))).toEqual(fine);
  });

  it('without an append-only file may forget, and without snapshots forgets all', async () => {
    await redis.config('SET', 'appendonly', 'no');
    await redis.config('SET', 'save', '');
    expect(levels(await redisFindings(redis))).toEqual({ ...fine, 'redis-persistence': 'error' });
    await redis.config('SET', 'save', '3600 1');
    expect(levels(await redisFindings(redis))).toEqual({ ...fine, 'redis-persistence': 'warning' });
    await redis.config('SET', 'save', '');
    await redis.config('SET', 'appendonly', 'yes');
    // Until the file has been begun, Redis refuses to stop.
    await eventually(async () => {
      expect(await redis.info('persistence')).toMatch(/aof_rewrite_in_progress:0\s+aof_rewrite_scheduled:0/);
    });
    expect(levels(await redisFindings(redis))).toEqual(fine);
  });

  it('that does not tell its configuration, is too old, or fails to write', async () => {
    expect(await levelsOf('redis_version:7.2.4')).toMatchObject({ 'redis-persistence': 'warning' });
    expect(await levelsOf('redis_version:5.0.1')).toMatchObject({ 'redis-version': 'error' });
    expect(await levelsOf('redis_version:7.2.4\r\nrole:slave')).toMatchObject({ 'redis-role': 'error' });
    expect(await levelsOf('redis_version:7.2.4\r\naof_enabled:1\r\naof_last_write_status:err')).toMatchObject(
      {
        'redis-persistence': 'error',
      },
    );
  });

  it('that asks for a password is an error until it is the right one', async () => {
    const port = await freePort();
    await redis.config('SET', 'port', port);
    await redis.config('SET', 'requirepass', 'right-password');
    const look = (password: string) =>
      lookAtRedis(configOf({ REDIS_URL: `redis://${password}127.0.0.1:${port}` }), quiet);
    const [none, wrong] = [await look(''), await look(':wrong-password@')];
    expect([none, wrong]).toMatchObject([
      [{ check: 'redis', level: 'error', message: expect.stringContaining('NOAUTH') }],
      [{ check: 'redis', level: 'error', message: expect.stringContaining('WRONGPASS') }],
    ]);
    expect(JSON.stringify([none, wrong])).not.toContain('wrong-password');
    expect(levels(await look(':right-password@'))).toEqual(fine);
    await redis.config('SET', 'requirepass', '');
  });

  it('that is not there is an error that says where to look', async () => {
    const findings = await lookAtRedis(configOf({ REDIS_URL: 'redis://:s3cret-pass@127.0.0.1:1' }), quiet);
    expect(findings).toMatchObject([
      {
        check: 'redis',
        level: 'error',
        message: expect.stringContaining('ECONNREFUSED'),
        fix: expect.stringContaining('REDIS_URL'),
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain('s3cret-pass');
  });
});
