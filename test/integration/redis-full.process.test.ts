/** A Redis without memory or disk space: everything can still be looked at, and says what is full and what to do. */

import { rm } from 'node:fs/promises';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { campaignIdIn, makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { printedDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { startServer, type TestServer } from '../support/redis-servers.ts';

const ROWS = 200;

/** How Redis becomes full, and gets room again. */
const shortages = {
  memory: {
    words: /Redis is full: its memory has reached maxmemory\. Give Redis more memory/,
    async fill({ redis }: TestServer) {
      await redis.config('SET', 'maxmemory', '1');
    },
    async empty({ redis }: TestServer) {
      await redis.config('SET', 'maxmemory', '0');
    },
  },
  disk: {
    words: /Redis cannot write to its disk, .* Free space on the disk of Redis/,
    async fill({ redis }: TestServer) {
      const [, folder = ''] = await redis.config('GET', 'dir');
      await rm(folder, { recursive: true });
      await redis.config('SET', 'save', '3600 1');
      await redis.bgsave();
      await eventually(async () => expect(await redis.info()).toContain('rdb_last_bgsave_status:err'));
    },
    async empty({ redis }: TestServer) {
      await redis.config('SET', 'stop-writes-on-bgsave-error', 'no');
    },
  },
};

it.each(Object.entries(shortages))('without %s', async (_name, { words, fill, empty }) => {
  const server = await startServer({ appendonly: 'no' });
  const { start, run, write, sandbox, env } = await makeWorkspace({ latencyMs: 50 });
  Object.assign(env, { REDIS_URL: `redis://${server.address}` });
  await write('export.csv', goodCustomers(ROWS));
  const id = campaignIdIn((await run(['issue', 'loyalty', 'export.csv', '--detach'])).stdout);
  const up = start(['up']);
  const { url, bearer } = await printedDashboard(up);
  await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(20));
  await fill(server);

  const get = async (path: string) => {
    const { statusCode, body } = await request(`${url}${path}`, { headers: bearer });
    return { statusCode, text: await body.text() };
  };
  for (const path of ['/', `/campaigns/${id}`, '/attention', '/schedules', '/api/campaigns']) {
    expect([path, (await get(path)).statusCode]).toEqual([path, 200]);
  }
  expect(await get('/readyz')).toMatchObject({ statusCode: 503, text: expect.stringMatching(/full/) });
  expect(await run(['status', id])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${id}: running`),
    stderr: expect.stringMatching(words),
  });
  const paused = await run(['pause', id]);
  expect(paused).toMatchObject({ code: 2, stderr: expect.stringMatching(words) });
  expect(paused.stderr).not.toContain('    at ');
  const doctor = await run(['doctor']);
  expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringMatching(/✗ redis-(memory|persistence)/)]);

  await empty(server);
  await eventually(async () => expect(await get('/readyz')).toMatchObject({ statusCode: 200 }));
  const { campaigns } = await eventually(async () => {
    const found = JSON.parse((await run(['status', id, '--json'])).stdout) as {
      campaigns: { status: string; done: number; unknown: number }[];
    };
    expect(found.campaigns).toEqual([expect.objectContaining({ status: 'finished', rows: ROWS })]);
    return found;
  });
  const [campaign] = campaigns;
  expect((campaign?.done ?? 0) + (campaign?.unknown ?? 0)).toBe(ROWS);
  // The creates in flight and those claimed next when Redis became full.
  expect(campaign?.unknown).toBeLessThanOrEqual(20);
  expect(sandbox.witness.doubles()).toEqual([]);
});
