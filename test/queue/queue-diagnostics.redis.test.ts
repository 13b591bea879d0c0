/** What admins see of the queues. */

import { expect, it, onTestFinished } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { openQueueInspector } from '../../src/queue/queue-diagnostics.ts';
import { makeQueued } from '../support/make.ts';
import { openTestStores } from '../support/stores.ts';

async function setUp() {
  const { stores } = await openTestStores();
  const inspector = openQueueInspector(stores.redis, stores.prefix);
  onTestFinished(inspector.close);
  return { stores, inspector };
}

it('counts the jobs of each queue by state, with the age of the oldest that waits', async () => {
  const { stores, inspector } = await setUp();
  const empty = { waiting: 0, prioritized: 0, delayed: 0, active: 0, failed: 0 };
  expect(await inspector.queues(Date.now())).toEqual([
    { name: 'pass', counts: empty, oldestWaitingMs: undefined, workers: 0 },
    { name: 'campaign', counts: empty, oldestWaitingMs: undefined, workers: 0 },
  ]);
  await stores.passQueue.add([makeQueued(1), makeQueued(2, { id: 'run-2' })], 'campaign');
  await stores.passQueue.retryLater({ ...makeQueued(3, { id: 'run-3' }), attempts: 1 }, 3_600_000, 5);
  const [pass] = await inspector.queues(Date.now() + 60_000);
  expect(pass?.counts).toEqual({ ...empty, prioritized: 1, delayed: 1 });
  expect(pass?.oldestWaitingMs).toBeGreaterThanOrEqual(60_000);
});

it('finds a job by its own id and by that of a pass job that it carries', async () => {
  const { stores, inspector } = await setUp();
  await stores.passQueue.add([makeQueued(1), makeQueued(2, { id: 'run-2' })], 'campaign');
  const found = await inspector.find('run-2');
  expect(found).toMatchObject({
    queue: 'pass',
    state: 'prioritized',
    priority: 10,
    attemptsStarted: 0,
    stalls: 0,
    passJobs: [{ attempts: 0 }, { id: 'run-2', attempts: 0 }],
  });
  expect(await inspector.find(found?.id ?? '')).toEqual(found);
  await stores.passQueue.retryLater({ ...makeQueued(3, { id: 'run-3' }), attempts: 4 }, 3_600_000, 5);
  expect(await inspector.find('run-3')).toMatchObject({
    state: 'delayed',
    dueAt: expect.any(Number),
    passJobs: [{ id: 'run-3', attempts: 4 }],
  });
  expect(await inspector.find('gone')).toBeUndefined();
});

it('takes no other key for a job, whatever its type', async () => {
  const { stores, inspector } = await setUp();
  await stores.passQueue.add([makeQueued(1)], 'campaign');
  const campaign = makeLedgerKeys(stores.prefix).campaign('run');
  await stores.redis.hset(campaign, 'status', 'running');
  await stores.redis.setbit(`${campaign}:skipped:has-card`, 1, 1);
  await stores.redis.xadd(`${stores.prefix}:pass:events`, '*', 'event', 'added');
  const keys = await stores.redis.keys(`${stores.prefix}:*`);
  const ids = keys.map((key) => key.replace(/^[^:]+:(?:pass|campaign):/, ''));
  expect(ids).toEqual(expect.arrayContaining(['run', 'run:skipped:has-card', 'events', 'meta']));
  const found = await Promise.all(ids.map(inspector.find));
  // The batch job alone.
  expect(found.filter((job) => job !== undefined)).toHaveLength(1);
});
