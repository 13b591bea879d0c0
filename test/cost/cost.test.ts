/**
 * Redis commands, scripts and keys per card. Unlike durations, these counts do not depend on the load of the machine.
 * The limits may only be lowered. docs/performance.md has the durations.
 */

import { expect, it, onTestFinished } from 'vitest';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { startServer } from '../support/redis-servers.ts';

const ROWS = 1500;

/** Measured: 35 to 37; a slow machine polls more often. BullMQ needs 37 per batch job, shared by ten cards. */
const MAX_COMMANDS = 40;
/** Measured: 2.3: one claim, one settle, a tenth of BullMQ's scripts per batch job, write-back batches and leases. */
const MAX_SCRIPTS = 2.6;
/** Measured: 103 to 107: the window of 1,000 jobs in batch jobs of ten, and BullMQ's own keys. */
const MAX_QUEUE_KEYS = 130;

it('needs at most 40 commands and 2.6 scripts per card, and keeps no more jobs than the window', async () => {
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
  const before = await commands();
  const id = await start('issue', goodCustomers(ROWS));
  const counting = setInterval(() => void countQueueKeys(), 200);
  onTestFinished(() => clearInterval(counting));
  await waitForEnd(id);
  clearInterval(counting);
  const after = await commands();
  expect(sandbox.passes.size).toBe(ROWS);

  expect((after.all - before.all) / ROWS).toBeLessThan(MAX_COMMANDS);
  expect((after.scripts - before.scripts) / ROWS).toBeLessThan(MAX_SCRIPTS);
  expect(maxQueueKeys).toBeGreaterThan(50);
  expect(maxQueueKeys).toBeLessThan(MAX_QUEUE_KEYS);
});
