import { expect, it, onTestFinished } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeAudit } from '../../src/ledger/operators/audit.ts';
import { openPassQueue } from '../../src/queue/pass-queue.ts';
import { openGate } from '../../src/services/campaigns/limits.ts';
import { testAction } from '../support/make.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

const DAY_MS = 86_400_000;

function open() {
  const queue = openPassQueue(openRedis(), testPrefix());
  onTestFinished(() => queue.close());
  return queue;
}

it('closes the gate for at most a day, whatever asks for it', async () => {
  const queue = open();
  expect(await queue.closeGate(1_764_500_000_000)).toBe(true);
  expect(await queue.gateMs()).toBeLessThanOrEqual(DAY_MS);
  expect(await queue.closeGate(Infinity)).toBe(false);
  expect(await queue.gateMs()).toBeLessThanOrEqual(DAY_MS);
  expect(await queue.gateMs()).toBeGreaterThan(DAY_MS - 60_000);
});

it('records why the gate is closed', async () => {
  const queue = open();
  expect(await queue.gateCause()).toBeUndefined();
  await queue.closeGate(60_000, 'PM_DOWN');
  expect(await queue.gateCause()).toBe('PM_DOWN');
});

it('is opened by an operator, which is audited', async () => {
  const queue = open();
  const audit = makeAudit(openRedis(), makeLedgerKeys(testPrefix()));
  await queue.closeGate(3_600_000);
  expect(await openGate({ passQueue: queue, audit }, testAction)).toBe(true);
  expect(await queue.gateMs()).toBe(0);
  expect((await audit.page({ limit: 1 })).entries).toMatchObject([
    { action: 'gate.open', target: 'gate', before: { seconds: 3600 }, after: { seconds: 0 } },
  ]);
  expect(await openGate({ passQueue: queue, audit }, testAction)).toBe(false);
});
