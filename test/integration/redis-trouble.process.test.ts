/** Redis failures delay a campaign, but lose no row. */

import { describe, expect, it, onTestFinished } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '../../src/kit/clock.ts';
import { openPrivateRedis } from '../../src/kit/private-redis/private-redis.ts';
import { connectRedis } from '../../src/kit/redis/redis.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

/** Starts a Redis for one test, which may fill or kill it. */
async function startOwnRedis() {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-trouble-'));
  const server = await openPrivateRedis({ dataDir, env: process.env });
  const redis = connectRedis({ path: server.path });
  onTestFinished(async () => {
    redis.disconnect();
    await server.close();
    await rm(dataDir, { recursive: true });
  });
  return { dataDir, server, redis };
}

describe('a campaign', () => {
  it('survives a Redis that is temporarily full', async () => {
    const { dataDir, redis } = await startOwnRedis();
    const { sandbox, issue } = await startBridge({ latencyMs: 20, env: { DATA_DIR: dataDir } });
    const running = issue(goodCustomers(200));
    await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(30));
    await redis.config('SET', 'maxmemory', '1');
    // Longer than all calls in flight need, so that none of them can be settled.
    await sleep(2000);
    await redis.config('SET', 'maxmemory', '0');
    const { done, unknown, ...rest } = await running;
    expect(rest).toMatchObject({ rows: 200, failed: 0, rejected: 0, pending: 0 });
    expect(done + unknown).toBe(200);
    expect(unknown).toBeLessThanOrEqual(20);
    expect(sandbox.witness.doubles()).toEqual([]);
  });

  it('survives kill -9 of Redis', async () => {
    const { dataDir, server } = await startOwnRedis();
    const { sandbox, issue } = await startBridge({ latencyMs: 20, env: { DATA_DIR: dataDir } });
    const running = issue(goodCustomers(300));
    await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(50));
    process.kill(server.pid, 'SIGKILL');
    const { done, unknown, ...rest } = await running;
    expect(rest).toMatchObject({ rows: 300, failed: 0, rejected: 0, pending: 0 });
    expect(done + unknown).toBe(300);
    expect(sandbox.witness.doubles()).toEqual([]);
    expect(sandbox.witness.maxInFlight('all')).toBeLessThanOrEqual(10);
  });
});
