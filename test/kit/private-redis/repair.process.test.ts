/** A private Redis whose append-only file ends in zeroes, as a power cut leaves it. */

import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { openPrivateRedis, type PrivateRedisOptions } from '../../../src/kit/private-redis/private-redis.ts';

const ZEROES = 5000;

async function setUp() {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-repair-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  /** Runs the work on the private Redis, then stops it. */
  const withRedis = async <T>(
    work: (redis: Redis) => Promise<T>,
    more: Partial<PrivateRedisOptions> = {},
  ): Promise<T> => {
    const own = await openPrivateRedis({ dataDir, env: process.env, ...more });
    const redis = new Redis(own.path);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
      await own.close();
    }
  };
  const folder = join(dataDir, 'redis');
  const parts = join(folder, 'appendonlydir');
  const lastPart = async () => {
    const name = (await readdir(parts)).find((one) => one.endsWith('.incr.aof'));
    return join(parts, name ?? '');
  };
  return { withRedis, folder, lastPart };
}

it('says what happened and how to repair it, and changes nothing', async () => {
  const { withRedis, lastPart } = await setUp();
  await withRedis((redis) => redis.set('card', '17'));
  await appendFile(await lastPart(), Buffer.alloc(ZEROES));
  const { size } = await stat(await lastPart());
  await expect(withRedis((redis) => redis.get('card'))).rejects.toThrow(
    /as after a power cut.*--repair-store/,
  );
  expect((await stat(await lastPart())).size).toBe(size);
});

it('is repaired on request: a copy is kept, and what is lost is said', async () => {
  const { withRedis, folder, lastPart } = await setUp();
  const before = Date.now();
  await withRedis((redis) => redis.set('card', '17'));
  const { size } = await stat(await lastPart());
  await appendFile(await lastPart(), Buffer.alloc(ZEROES));
  const said: string[] = [];
  const storedAt: (number | undefined)[] = [];
  const repair = { onRepair: async (at: number | undefined) => void storedAt.push(at) };
  const options = { repair, say: (line: string) => void said.push(line) };
  expect(await withRedis((redis) => redis.get('card'), options)).toBe('17');
  expect(said.join('\n')).toMatch(/removed 5000 bytes.*Cards made in that time.*campaigns are held/s);
  expect(storedAt).toHaveLength(1);
  expect(storedAt[0]).toBeGreaterThan(before - 2000);
  const copy = (await readdir(folder)).find((name) => name.includes('damaged'));
  const copied = await Promise.all(
    (await readdir(join(folder, copy ?? ''))).map((name) => stat(join(folder, copy ?? '', name))),
  );
  expect(copied.map((one) => one.size)).toContain(size + ZEROES);
  // Nothing to repair any more.
  expect(await withRedis((redis) => redis.get('card'), options)).toBe('17');
  expect(storedAt).toHaveLength(1);
});

it('is not taken for repairable if it is damaged elsewhere', async () => {
  const { withRedis, folder } = await setUp();
  await withRedis((redis) => redis.set('card', '17'));
  const parts = join(folder, 'appendonlydir');
  const manifest = (await readdir(parts)).find((name) => name.endsWith('.manifest'));
  await appendFile(join(parts, manifest ?? ''), 'garbage\n');
  await expect(
    withRedis((redis) => redis.get('card'), { repair: { onRepair: async () => {} } }),
  ).rejects.toThrow('did not start');
});
