import { describe, expect, it } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeTimelineWrites } from '../../../src/ledger/customers/timeline-writes.ts';
import { makeCustomerIndex } from '../../../src/ledger/customers/customer-index.ts';
import { makeQueued, makeOrder } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const HOUR = 3_600_000;

async function setUp() {
  const redis = openRedis();
  const prefix = testPrefix();
  const keys = makeLedgerKeys(prefix);
  // Redis goes by its own clock, so ours starts there.
  const time = { now: Date.now() };
  const people = makeCustomerIndex(redis, keys, { ttlMs: 8 * HOUR, idTypes: ['registered'] });
  const campaigns = makeCampaignLedger(redis, keys);
  await campaigns.create(makeOrder());
  await campaigns.accept('run', 100, [], 0);
  const clock = () => time.now;
  const notes = makeTimelineWrites(keys, { ttlMs: 8 * HOUR, clock });
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: 8 * HOUR, people: notes, clock });
  return { redis, prefix, keys, time, notes, jobs, find: (text: string) => people.find(text, time.now) };
}

function jobOf(row: number, registered: string, attributes: Record<string, unknown> = {}) {
  return makeQueued(row, { customer: { ids: { registered }, attributes } });
}

const issued = (passId: string) => ({ state: 'done', card: { passId, issuedAt: 1 } }) as const;

describe('a customer', () => {
  it('is found by id, by e-mail in any case, and by card', async () => {
    const { jobs, find, time } = await setUp();
    await jobs.settle(jobOf(1, 'c-1', { email: 'Zofie@Example.com' }), issued('pass-1'));
    await jobs.settle(jobOf(2, 'c-2', { email: 'jan@example.com' }), issued('pass-2'));
    const zofie = [
      {
        customer: 'registered:c-1',
        events: [
          { at: Math.floor(time.now / 1000), action: 'create', what: 'done', job: 'run-1', note: 'pass-1' },
        ],
      },
    ];
    for (const text of ['c-1', 'registered:c-1', 'zofie@example.COM', 'pass-1', 'run-1']) {
      expect(await find(text)).toEqual(zofie);
    }
    for (const text of ['C-1', 'c-3', 'Pass-1', '', 'run-3', 'run-0', 'other-1', 'run-9999999999'])
      expect(await find(text)).toEqual([]);
  });

  it('has a line for each job that ended, over the slices of time, and none twice', async () => {
    const { jobs, find, time } = await setUp();
    const why = { failure: failure('PM_REFUSED', 'no'), attempts: 1, at: 1 };
    await jobs.settle(jobOf(1, 'c-1'), { state: 'rejected', ...why });
    await jobs.settle(jobOf(1, 'c-1'), issued('late'));
    time.now += 2 * HOUR;
    await jobs.settle(jobOf(2, 'c-1'), issued('pass-1'));
    await jobs.settle(jobOf(3, 'c-1'), { state: 'skipped', reason: 'has-card' });
    const [person] = await find('c-1');
    expect(person?.events.map(({ what, note }) => [what, note])).toEqual([
      ['rejected', 'PM_REFUSED'],
      ['done', 'pass-1'],
      ['skipped', 'has-card'],
    ]);
  });

  it('who shares an e-mail is found beside the other', async () => {
    const { jobs, find } = await setUp();
    await jobs.settle(jobOf(1, 'c-1', { email: 'family@example.com' }), issued('p-1'));
    await jobs.settle(jobOf(2, 'c-2', { email: 'family@example.com' }), issued('p-2'));
    await jobs.settle(jobOf(3, 'c-2', { email: 'family@example.com' }), issued('p-3'));
    const found = await find('family@example.com');
    expect(found.map(({ customer, events }) => [customer, events.length])).toEqual([
      ['registered:c-1', 1],
      ['registered:c-2', 2],
    ]);
  });

  it('keeps a short record however much happens', async () => {
    const { jobs, find } = await setUp();
    for (let row = 1; row <= 90; row += 1) await jobs.settle(jobOf(row, 'c-1'), issued(`pass-${row}`));
    const [person] = await find('c-1');
    expect(person?.events.length).toBeGreaterThan(20);
    expect(person?.events.length).toBeLessThan(80);
    expect(person?.events.at(-1)?.note).toBe('pass-90');
  });

  it('with line breaks in the id stays one line', async () => {
    const { jobs, find } = await setUp();
    await jobs.settle(jobOf(1, 'a\nb\tc'), issued('pass-1'));
    expect(await find('a\nb\tc')).toMatchObject([
      { customer: 'registered:a b c', events: [{ note: 'pass-1' }] },
    ]);
  });

  it('is found for a TTL, and in Redis for an eighth more at most', async () => {
    const { redis, prefix, jobs, find, time } = await setUp();
    await jobs.settle(jobOf(1, 'c-1', { email: 'a@example.com' }), issued('pass-1'));
    const indexKeys = [
      ...(await redis.keys(`${prefix}:people:*`)),
      ...(await redis.keys(`${prefix}:found:*`)),
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
