/**
 * Redis commands, scripts and keys per card. Unlike durations, these counts hardly depend on the load of the machine:
 * only leases, heartbeats and polls cost something per second. The limits may only be lowered. docs/performance.md has
 * the durations.
 */

import { expect, it, onTestFinished } from 'vitest';
import { startBridge } from '../support/bridge.ts';
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

it('needs at most 40 commands and 2.3 scripts per card, and keeps no more jobs than the window', async () => {
  const { redis, address } = await startServer();
  const { start, waitForEnd, sandbox } = await startBridge({ env: { REDIS_URL: `redis://${address}` } });
  const commands = async () => {
    const text = await redis.info('commandstats');
    const calls = [...text.matchAll(/cmdstat_([^:|]+)[^:]*:calls=(\d+)/g)].map(
      ([, name = '', count]) => [name, Number(count)] as const,
    );
    const sum = (some: typeof calls) => some.reduce((total, [, count]) => total + count, 0);
    return { all: sum(calls), scripts: sum(calls.filter(([name]) => name.startsWith('eval'))) };
  };
  let maxQueueKeys = 0;
  const countQueueKeys = async () => {
    const names = await redis.keys('*:pass:*');
    maxQueueKeys = Math.max(maxQueueKeys, names.filter((name) => !name.endsWith(':lock')).length);
  };
  const startedAt = performance.now();
  const before = await commands();
  const id = await start('issue', goodCustomers(ROWS));
  const counting = setInterval(() => void countQueueKeys(), 200);
  onTestFinished(() => clearInterval(counting));
  await waitForEnd(id);
  clearInterval(counting);
  const after = await commands();
  const seconds = (performance.now() - startedAt) / 1000;
  expect(sandbox.passes.size).toBe(ROWS);

  const limit = ({ perCard, perSecond }: typeof MAX_COMMANDS) => perCard * ROWS + perSecond * seconds;
  expect(after.all - before.all).toBeLessThan(limit(MAX_COMMANDS));
  expect(after.scripts - before.scripts).toBeLessThan(limit(MAX_SCRIPTS));
  expect(maxQueueKeys).toBeGreaterThan(50);
  expect(maxQueueKeys).toBeLessThan(MAX_QUEUE_KEYS);
});
