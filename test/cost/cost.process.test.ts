/**
 * Redis commands, scripts and keys per card, and commands while idle. Unlike durations, these counts hardly depend on the load of the machine:
 * only leases, heartbeats and polls cost something per second. The limits may only be lowered. docs/performance.md has
 * the durations.
 */

import { expect, it, onTestFinished } from 'vitest';
import { startBridge } from '../support/bridge.ts';
import { sleep } from '../../src/kit/clock.ts';
import type { RedisConnection } from '../../src/kit/redis/redis.ts';
import { goodCustomers } from '../support/customers.ts';
import { startServer } from '../support/redis-servers.ts';

const ROWS = 1500;

/**
 * Measured: 38.2 per card, of which BullMQ's 37 per batch job are shared by ten cards and two date the write-back, and
 * 245 per second. Beside other load up to 39.3, because more batch jobs are taken before they are full.
 */
const MAX_COMMANDS = { perCard: 40, perSecond: 300 };
/** Measured: 2.32 to 2.38 per card in all, 38 per second included: one claim, one settle, a share of the batches. */
const MAX_SCRIPTS = { perCard: 2.3, perSecond: 60 };
/** Measured: 103 to 107: the window of 1,000 jobs in batch jobs of ten, and BullMQ's own keys. */
const MAX_QUEUE_KEYS = 130;

/** Commands per second of a worker and feeder with nothing to do. Measured: 55 to 57, and 8. */
const MAX_IDLE = { all: 75, scripts: 12 };
/** Longer than the permits of the last job are kept. */
const SETTLED_MS = 5000;
const IDLE_MS = 10_000;

/** Returns the calls of Redis commands so far: all of them and scripts. Those that scripts call are included. */
async function commandsOf(redis: RedisConnection): Promise<{ all: number; scripts: number }> {
  const text = await redis.info('commandstats');
  const calls = [...text.matchAll(/cmdstat_([^:|]+)[^:]*:calls=(\d+)/g)].map(
    ([, name = '', count]) => [name, Number(count)] as const,
  );
  const sum = (some: typeof calls) => some.reduce((total, [, count]) => total + count, 0);
  return { all: sum(calls), scripts: sum(calls.filter(([name]) => name.startsWith('eval'))) };
}

it('needs at most 40 commands and 2.3 scripts per card, and keeps no more jobs than the window', async () => {
  const { redis, address } = await startServer();
  const { start, waitForEnd, sandbox } = await startBridge({ env: { REDIS_URL: `redis://${address}` } });
  let maxQueueKeys = 0;
  const countQueueKeys = async () => {
    const names = await redis.keys('*:pass:*');
    maxQueueKeys = Math.max(maxQueueKeys, names.filter((name) => !name.endsWith(':lock')).length);
  };
  const startedAt = performance.now();
  const before = await commandsOf(redis);
  const id = await start('issue', goodCustomers(ROWS));
  const counting = setInterval(() => void countQueueKeys(), 200);
  onTestFinished(() => clearInterval(counting));
  await waitForEnd(id);
  clearInterval(counting);
  const after = await commandsOf(redis);
  const seconds = (performance.now() - startedAt) / 1000;
  expect(sandbox.passes.size).toBe(ROWS);

  const limit = ({ perCard, perSecond }: typeof MAX_COMMANDS) => perCard * ROWS + perSecond * seconds;
  expect(after.all - before.all).toBeLessThan(limit(MAX_COMMANDS));
  expect(after.scripts - before.scripts).toBeLessThan(limit(MAX_SCRIPTS));
  expect(maxQueueKeys).toBeGreaterThan(50);
  expect(maxQueueKeys).toBeLessThan(MAX_QUEUE_KEYS);
});

it('leaves Redis alone while there is nothing to do', async () => {
  const { redis, address } = await startServer();
  const { start, waitForEnd } = await startBridge({
    env: { REDIS_URL: `redis://${address}`, WRITEBACK_MAX_WAIT_MS: '1000' },
  });
  // After a campaign: permits were held, and write-backs sent.
  await waitForEnd(await start('issue', goodCustomers(30)));
  await sleep(SETTLED_MS);
  const startedAt = performance.now();
  const before = await commandsOf(redis);
  await sleep(IDLE_MS);
  const after = await commandsOf(redis);
  const seconds = (performance.now() - startedAt) / 1000;

  const perSecond = {
    all: (after.all - before.all) / seconds,
    scripts: (after.scripts - before.scripts) / seconds,
  };
  expect(perSecond.all).toBeLessThan(MAX_IDLE.all);
  expect(perSecond.scripts).toBeLessThan(MAX_IDLE.scripts);
});
