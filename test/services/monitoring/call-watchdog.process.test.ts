/** A real worker whose limiter is frozen: a dead entry in Redis holds all permits and never releases them. */

import { Redis } from 'ioredis';
import { request } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { makeLimiterKeys } from '../../../src/limiter/limiter-keys.ts';
import { openPrivateRedis } from '../../../src/kit/private-redis/private-redis.ts';
import { goodCustomers } from '../../support/customers.ts';
import { makeWorkspace } from '../../support/cli.ts';
import { printedDashboard } from '../../support/dashboard.ts';
import { eventually } from '../../support/eventually.ts';

const STALLED = /no call to Passmachine has started for \d+ s although 20 jobs wait and slots are free/;

it('says in health, metrics, alerts and its log that no call starts, until calls start again', async () => {
  const { env, folder, start, run, write } = await makeWorkspace();
  const server = await openPrivateRedis({ dataDir: folder, env: process.env });
  onTestFinished(() => server.close());
  const redis = new Redis(server.path);
  onTestFinished(() => redis.disconnect());
  const own = { DATA_DIR: folder };
  await write('export.csv', goodCustomers(20));

  const up = start(['up'], own);
  const { url, bearer } = await printedDashboard(up);
  const { permits } = makeLimiterKeys(env['QUEUE_PREFIX'] ?? '');
  await redis.hset(permits, 'frozen', `10 0 10 ${Date.now() + 3_600_000}`);
  await run(['issue', 'loyalty', 'export.csv', '--detach'], own);

  const read = async (path: string) => {
    const { statusCode, body } = await request(url + path, { headers: bearer });
    return { statusCode, text: await body.text() };
  };
  const health = await eventually(async () => {
    // The key expires with the leases of all processes, which include no frozen one in a real failure.
    const found = await read('/healthz');
    expect(found.statusCode).toBe(503);
    return found;
  }, 90_000);
  expect((JSON.parse(health.text) as { status: string }).status).toMatch(STALLED);
  const [, seconds] = /^passbridge_calls_stalled_seconds (\d+)/m.exec((await read('/metrics')).text) ?? [];
  expect(Number(seconds)).toBeGreaterThanOrEqual(30);
  await eventually(async () =>
    expect(JSON.parse((await read('/api/overview')).text)).toMatchObject({
      alerts: [{ code: 'CALLS_STALLED', text: expect.stringMatching(STALLED) as string }],
    }),
  );
  expect(up.stderr()).toContain('"calls.stalled"');

  await redis.hdel(permits, 'frozen');
  await eventually(async () => expect((await read('/healthz')).statusCode).toBe(200), 30_000);
  expect((await read('/metrics')).text).toMatch(/^passbridge_calls_stalled_seconds 0$/m);
}, 180_000);
