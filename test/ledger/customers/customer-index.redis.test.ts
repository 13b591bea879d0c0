import { describe, expect, it } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeTimelineWriter } from '../../../src/ledger/customers/timeline-writer.ts';
import { makeCustomerIndex } from '../../../src/ledger/customers/customer-index.ts';
import { makeQueued, makeOrder } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const HOUR = 3_600_000;

async function setUp() {
  const redis = openRedis();
  const prefix = testPrefix();
  const keys = makeLedgerKeys(prefix);
  // Redis expires keys by its own clock, so the test's clock starts there.
  const time = { now: Date.now() };
  const customers = makeCustomerIndex(redis, keys, { ttlMs: 8 * HOUR, idTypes: ['registered'] });
  const campaigns = makeCampaignLedger(redis, keys);
  await campaigns.create(makeOrder());
  await campaigns.accept('run', 100, [], 0);
  const clock = () => time.now;
  const timeline = makeTimelineWriter(keys, { ttlMs: 8 * HOUR, clock });
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: 8 * HOUR, timeline, clock });
  return { redis, prefix, time, jobs, find: (text: string) => customers.find(text, time.now) };
}

function jobOf(row: number, registered: string, attributes: Record<string, unknown> = {}) {
  return makeQueued(row, { customer: { ids: { registered }, attributes } });
}

const issued = (passId: string) => ({ state: 'done', card: { passId, issuedAt: 1 } }) as const;

describe('a customer', () => {
  it('is found by id, card, job, and email in any case', async () => {
    const { jobs, find, time } = await setUp();
    await jobs.settle(jobOf(1, 'c-1', { email: 'Zofie@Example.com' }), issued('pass-1'));
    await jobs.settle(jobOf(2, 'c-2', { email: 'jan@example.com' }), issued('pass-2'));
    const zofie = [
      {
        customer: 'registered:c-1',
        events: [
          { at: Math.floor(time.now / 1000), action: 'create', kind: 'done', job: 'run-1', detail: 'pass-1' },
        ],
      },
    ];
    for (const text of ['c-1', 'registered:c-1', 'zofie@example.COM', 'pass-1', 'run-1']) {
      expect(await find(text)).toEqual(zofie);
    }
    for (const text of ['C-1', 'c-3', 'Pass-1', '', 'run-3', 'run-0', 'other-1', 'run-9999999999'])
      expect(await find(text)).toEqual([]);
  });

  it('has one event for each settled job, across time slices', async () => {
    const { jobs, find, time } = await setUp();
    const why = { failure: failure('PM_REFUSED', 'no'), attempts: 1, at: 1 };
    await jobs.settle(jobOf(1, 'c-1'), { state: 'rejected', ...why });
    await jobs.settle(jobOf(1, 'c-1'), { state: 'failed', ...why });
    time.now += 2 * HOUR;
    await jobs.settle(jobOf(2, 'c-1'), issued('pass-1'));
    await jobs.settle(jobOf(3, 'c-1'), { state: 'skipped', reason: 'has-card' });
    const [customer] = await find('c-1');
    expect(customer?.events.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['rejected', 'PM_REFUSED'],
      ['done', 'pass-1'],
      ['skipped', 'has-card'],
    ]);
  });

  it('is found together with another customer of the same email', async () => {
    const { jobs, find } = await setUp();
    await jobs.settle(jobOf(1, 'c-1', { email: 'family@example.com' }), issued('p-1'));
    await jobs.settle(jobOf(2, 'c-2', { email: 'family@example.com' }), issued('p-2'));
    await jobs.settle(jobOf(3, 'c-2', { email: 'family@example.com' }), {
      state: 'skipped',
      reason: 'duplicate',
    });
    const found = await find('family@example.com');
    expect(found.map(({ customer, events }) => [customer, events.length])).toEqual([
      ['registered:c-1', 1],
      ['registered:c-2', 2],
    ]);
  });

  it('has a bounded record', async () => {
    const { jobs, find } = await setUp();
    for (let row = 1; row <= 90; row += 1) await jobs.settle(jobOf(row, 'c-1'), issued(`pass-${row}`));
    const [customer] = await find('c-1');
    expect(customer?.events.length).toBeGreaterThan(20);
    expect(customer?.events.length).toBeLessThan(80);
    expect(customer?.events.at(-1)?.detail).toBe('pass-90');
  });

  it('may have line breaks in the id', async () => {
    const { jobs, find } = await setUp();
    await jobs.settle(jobOf(1, 'a\nb\tc'), issued('pass-1'));
    expect(await find('a\nb\tc')).toMatchObject([
      { customer: 'registered:a b c', events: [{ detail: 'pass-1' }] },
    ]);
  });

  it('is found for the TTL, and stored for at most one eighth longer', async () => {
    const { redis, prefix, jobs, find, time } = await setUp();
    await jobs.settle(jobOf(1, 'c-1', { email: 'a@example.com' }), issued('pass-1'));
    const indexKeys = [
      ...(await redis.keys(`${prefix}:customers:*`)),
      ...(await redis.keys(`${prefix}:customer-lookup:*`)),
      ...(await redis.keys(`${prefix}:campaign:run:customers:*`)),
    ];
    expect(indexKeys).toHaveLength(4);
    for (const key of indexKeys) {
      const end = await redis.pexpiretime(key);
      expect(end).toBeGreaterThanOrEqual(time.now + 8 * HOUR);
      expect(end).toBeLessThanOrEqual(time.now + 9 * HOUR);
    }
    time.now += 8 * HOUR;
    expect(await find('a@example.com')).toHaveLength(1);
  });
});
