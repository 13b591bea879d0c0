import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRedis, redisFindings } from '../../../src/services/doctor/redis.ts';
import { openPrivateRedis, type PrivateRedis } from '../../../src/kit/private-redis/private-redis.ts';
import { connectOnce } from '../../../src/kit/redis/redis.ts';
import { openPassQueue } from '../../../src/queue/pass-queue.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { configOf, levels } from './upstream.ts';

const allOk = { 'redis-version': 'ok', 'redis-eviction': 'ok', 'redis-persistence': 'ok' };
const quiet = { env: process.env, say: () => {} };

/** A hosted Redis that reports only this, and hides its configuration. */
const hosted = (info: string) => ({
  info: async () => `maxmemory_policy:noeviction\r\n${info}\r\n`,
  config: async () => {
    throw new Error('ERR unknown command');
  },
});

const levelsOf = async (info: string) => levels(await redisFindings(hosted(info)));

describe('the Redis check', () => {
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

  it('finds nothing wrong with a private Redis', async () => {
    expect(levels(await checkRedis(configOf({ DATA_DIR: folder }), quiet, ''))).toEqual(allOk);
  });

  it('warns while calls to Passmachine pause, and says how to resume them', async () => {
    const config = configOf({ DATA_DIR: folder });
    const queue = openPassQueue(redis, config.redis.prefix);
    await queue.closeGate(600_000);
    const findings = await checkRedis(config, quiet, '');
    expect(levels(findings)).toEqual({ ...allOk, 'passmachine-gate': 'warning' });
    expect(findings.at(-1)).toMatchObject({
      message: 'calls to Passmachine pause for another 10 min',
      fix: expect.stringContaining('passbridge limits --open-gate'),
    });
    await queue.openGate();
    expect(levels(await checkRedis(config, quiet, ''))).toEqual(allOk);
    await queue.close();
  });

  it('reports an eviction policy until it is corrected', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const findings = await redisFindings(redis);
    expect(levels(findings)).toEqual({ ...allOk, 'redis-eviction': 'error' });
    expect(findings[1]).toMatchObject({
      message: expect.stringContaining('allkeys-lru'),
      fix: expect.stringContaining('maxmemory-policy noeviction'),
    });
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    expect(levels(await redisFindings(redis))).toEqual(allOk);
  });

  it('warns without an append-only file, and reports an error without snapshots as well', async () => {
    await redis.config('SET', 'appendonly', 'no');
    await redis.config('SET', 'save', '');
    expect(levels(await redisFindings(redis))).toEqual({ ...allOk, 'redis-persistence': 'error' });
    await redis.config('SET', 'save', '3600 1');
    expect(levels(await redisFindings(redis))).toEqual({ ...allOk, 'redis-persistence': 'warning' });
    await redis.config('SET', 'save', '');
    await redis.config('SET', 'appendonly', 'yes');
    // Redis refuses to stop until the rewrite has started.
    await eventually(async () => {
      expect(await redis.info('persistence')).toMatch(/aof_rewrite_in_progress:0\s+aof_rewrite_scheduled:0/);
    });
    expect(levels(await redisFindings(redis))).toEqual(allOk);
  });

  it('handles a hidden configuration, an old version, a replica and failed writes', async () => {
    expect(await levelsOf('redis_version:7.2.4')).toMatchObject({ 'redis-persistence': 'warning' });
    expect(await levelsOf('redis_version:5.0.1')).toMatchObject({ 'redis-version': 'error' });
    expect(await levelsOf('redis_version:7.2.4\r\nrole:slave')).toMatchObject({ 'redis-role': 'error' });
    expect(await levelsOf('redis_version:7.2.4\r\naof_enabled:1\r\naof_last_write_status:err')).toMatchObject(
      {
        'redis-persistence': 'error',
      },
    );
  });

  it('reports a missing or wrong password', async () => {
    const port = await freePort();
    await redis.config('SET', 'port', port);
    await redis.config('SET', 'requirepass', 'right-password');
    const check = (password: string) =>
      checkRedis(configOf({ REDIS_URL: `redis://${password}127.0.0.1:${port}` }), quiet, '');
    const [none, wrong] = [await check(''), await check(':wrong-password@')];
    expect([none, wrong]).toMatchObject([
      [{ check: 'redis', level: 'error', message: expect.stringContaining('NOAUTH') }],
      [{ check: 'redis', level: 'error', message: expect.stringContaining('WRONGPASS') }],
    ]);
    expect(JSON.stringify([none, wrong])).not.toContain('wrong-password');
    expect(levels(await check(':right-password@'))).toEqual(allOk);
    await redis.config('SET', 'requirepass', '');
  });

  it('reports an unreachable Redis without its password', async () => {
    const findings = await checkRedis(configOf({ REDIS_URL: 'redis://:s3cret-pass@127.0.0.1:1' }), quiet, '');
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
