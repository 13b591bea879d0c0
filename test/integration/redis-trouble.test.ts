/** Redis in trouble costs time, and no row. */

import { describe, expect, it, onTestFinished } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPrivateRedis } from '../../src/kit/private-redis/open.ts';
import { connectPatiently } from '../../src/kit/redis/redis.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

/** A Redis of the test's own, to be mistreated. */
async function ownRedis() {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-trouble-'));
  const server = await openPrivateRedis({ dataDir, env: process.env });
  const redis = connectPatiently({ path: server.path });
  onTestFinished(async () => {
    redis.disconnect();
    await server.close();
    await rm(dataDir, { recursive: true });
  });
  return { dataDir, server, redis };
}

describe('a run', () => {
  it('outlives a Redis that is full for a while', async () => {
    const { dataDir, redis } = await ownRedis();
    const { sandbox, issue } = await startBridge({ latencyMs: 20, env: { DATA_DIR: dataDir } });
    const running = issue(goodCustomers(200), 60_000);
    await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(30));
    await redis.config('SET', 'maxmemory', '1');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await redis.config('SET', 'maxmemory', '0');
    const { done, unknown, ...rest } = await running;
    expect(rest).toMatchObject({ rows: 200, failed: 0, rejected: 0, pending: 0 });
    expect(done + unknown).toBe(200);
    expect(unknown).toBeLessThanOrEqual(20);
    expect(sandbox.witness.doubles()).toEqual([]);
  }, 70_000);

  it('outlives kill -9 of Redis', async () => {
    const { dataDir, server } = await ownRedis();
    const { sandbox, issue } = await startBridge({ latencyMs: 20, env: { DATA_DIR: dataDir } });
    const running = issue(goodCustomers(300), 60_000);
    await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(50));
    process.kill(server.pid, 'SIGKILL');
    const { done, unknown, ...rest } = await running;
    expect(rest).toMatchObject({ rows: 300, failed: 0, rejected: 0, pending: 0 });
    expect(done + unknown).toBe(300);
    expect(sandbox.witness.doubles()).toEqual([]);
    expect(sandbox.witness.maxInFlight('all')).toBeLessThanOrEqual(10);
  }, 70_000);
});
