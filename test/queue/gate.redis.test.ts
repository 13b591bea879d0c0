import { expect, it, onTestFinished } from 'vitest';
import { failure } from '../../src/domain/failures/failure.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeBloomreachPauses } from '../../src/ledger/write-back/bloomreach-pause.ts';
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

it('is not prolonged or replaced after a 429 by an outage that our own calls have found', async () => {
  const queue = open();
  await queue.closeGate(60_000, 'PM_DOWN');
  await queue.closeGate(5000, 'PM_RATE_LIMITED');
  await queue.closeGate(60_000, 'PM_DOWN');
  expect(await queue.gateCause()).toBe('PM_RATE_LIMITED');
  expect(await queue.gateMs()).toBeLessThanOrEqual(5000);
});

it('is opened by an operator together with the pause of write-backs, which is audited', async () => {
  const queue = open();
  const keys = makeLedgerKeys(testPrefix());
  const audit = makeAudit(openRedis(), keys);
  const bloomreachPauses = makeBloomreachPauses(openRedis(), keys);
  const stores = { passQueue: queue, audit, bloomreachPauses };
  const entries = async () => (await audit.page({ limit: 5 })).entries;
  const closed = { passmachineSeconds: 0, bloomreachSeconds: 0 };
  await queue.closeGate(3_600_000);
  expect(await openGate(stores, testAction)).toBe(true);
  expect(await queue.gateMs()).toBe(0);
  expect(await entries()).toMatchObject([
    { action: 'gate.open', target: 'gate', before: { ...closed, passmachineSeconds: 3600 }, after: closed },
  ]);

  const limited = { ...failure('BR_RATE_LIMITED', 'slow down'), retryAfterMs: 1_800_000 };
  await bloomreachPauses.pause(limited, { isProbe: false, random: 0 });
  expect(await openGate(stores, testAction)).toBe(true);
  expect(await bloomreachPauses.current()).toBeUndefined();
  const [latest] = await entries();
  expect(latest).toMatchObject({ before: { ...closed, bloomreachSeconds: 1800 }, after: closed });

  expect(await openGate(stores, testAction)).toBe(false);
});
