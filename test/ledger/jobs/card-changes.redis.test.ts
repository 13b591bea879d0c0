/** The newest data of a card wins, whichever way its changes come. */

import { describe, expect, it } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import type { QueuedJob } from '../../../src/domain/jobs/pass-job.ts';
import { makeWebhookRequest } from '../../../src/domain/jobs/webhook-request.ts';
import { makeInbox } from '../../../src/ledger/intake/inbox.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeOrder, makeQueued } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

async function setUp() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const campaigns = makeCampaignLedger(redis, keys);
  await campaigns.create(makeOrder());
  await campaigns.accept('run', 50, [], 0);
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: 600_000, clock: Date.now });
  return {
    redis,
    keys,
    campaigns,
    jobs,
    claim: async (job: QueuedJob) => (await jobs.claim(job)).answer,
    done: async (job: QueuedJob) => (await jobs.settle(job, { state: 'done' })).kind,
  };
}

const customer = { ids: { registered: 'c-1' }, attributes: { passmachine_pass_id: 'p-1' } };

/** A change of the card p-1, the nth to be accepted. */
function change(row: number, more: Partial<QueuedJob> = {}): QueuedJob {
  const { fields = '/points', ...job } = more;
  return {
    ...makeQueued(row, { action: 'update', customer, order: 1_000_000 + row, ...job }),
    runId: `run-of-${row}`,
    fields,
  };
}

const request = (points: number) =>
  makeWebhookRequest({
    action: 'update',
    program: 'loyalty',
    customer: { ...customer, attributes: { ...customer.attributes, points } },
  });

const [first, second, third] = [change(1), change(2), change(3)];

describe('an older change of a card', () => {
  it('ends superseded once a newer one is done, and a repeated newer one does not', async () => {
    const { jobs, claim, done } = await setUp();
    expect(await claim(first)).toBe('go');
    await jobs.release(first, failure('PM_UNKNOWN_ERROR', ''), 1000);
    expect(await claim(second)).toBe('go');
    await done(second);
    expect(await claim(first)).toBe('superseded');
    expect(await claim(third)).toBe('go');
  });

  it.each(['rejected', 'failed'] as const)('is sent if the newer one was %s', async (state) => {
    const { jobs, claim } = await setUp();
    await claim(second);
    await jobs.settle(second, { state, failure: failure('PM_REFUSED', ''), attempts: 1, at: 1 });
    expect(await claim(first)).toBe('go');
  });

  it.each([
    ['sets other fields', { fields: '/name' }],
    ['is of the other kind', { action: 'notify' }],
    ['is of another card', { customer: { ids: customer.ids, attributes: { passmachine_pass_id: 'p-2' } } }],
  ] as const)('is sent if it %s', async (_, more) => {
    const { claim, done } = await setUp();
    await claim(second);
    await done(second);
    expect(await claim(change(1, more))).toBe('go');
  });

  it('of a campaign counts from the moment in which its source was opened, for all rows', async () => {
    const { redis, keys, campaigns, claim, done } = await setUp();
    await campaigns.markOpened('run');
    await campaigns.markOpened('run');
    const opened = Number(await redis.hget(keys.campaign('run'), 'opened'));
    const { order: _order, ...row } = change(9);
    const later = change(2, { order: opened + 1 });
    await claim(later);
    await done(later);
    expect(await claim(row)).toBe('superseded');
    const earlier = change(3, { order: opened - 1, fields: '/name' });
    await claim(earlier);
    await done(earlier);
    expect(await claim({ ...row, fields: '/name' })).toBe('go');
  });
});

describe('changes of a card that wait', () => {
  it('coalesce if they are updates: the newest goes first', async () => {
    const { claim, done } = await setUp();
    await claim(first);
    for (const job of [second, third, change(4)]) expect(await claim(job)).toBe('customer-busy');
    await done(first);
    expect([await claim(second), await claim(third)]).toEqual(['change-waits', 'change-waits']);
    expect(await claim(change(4))).toBe('go');
    await done(change(4));
    expect([await claim(second), await claim(third)]).toEqual(['superseded', 'superseded']);
  });

  it('keep their order if they are notifications, also while one waits for a retry', async () => {
    const { jobs, claim, done } = await setUp();
    const [n1, n2, n3] = [1, 2, 3].map((row) => change(row, { action: 'notify' })) as [
      QueuedJob,
      QueuedJob,
      QueuedJob,
    ];
    await claim(n1);
    expect([await claim(n3), await claim(n2)]).toEqual(['customer-busy', 'customer-busy']);
    await jobs.release(n1, failure('PM_UNKNOWN_ERROR', ''), 30_000);
    const waits = await jobs.claim(n3);
    expect(waits).toMatchObject({ answer: 'change-waits' });
    expect(waits.waitMs).toBeGreaterThan(20_000);
    expect(await claim(n1)).toBe('go');
    await done(n1);
    expect([await claim(n3), await claim(n2)]).toEqual(['change-waits', 'go']);
    await done(n2);
    expect(await claim(n3)).toBe('go');
  });

  it('leave nothing behind but the order of the newest', async () => {
    const { redis, keys, claim, done } = await setUp();
    await claim(first);
    await claim(second);
    await done(first);
    await claim(second);
    await done(second);
    expect(await redis.exists(keys.cardWaiting(first))).toBe(0);
    expect(await redis.get(keys.cardChange(first))).toBe('1000002:2');
    expect(await redis.pttl(keys.cardChange(first))).toBeGreaterThan(0);
  });
});

describe('webhook requests', () => {
  it('have the order of their acceptance, also if the clock of Redis goes back', async () => {
    const { redis, keys } = await setUp();
    const { receive } = makeInbox(redis, keys);
    const ahead = 4_000_000_000_000_000;
    await redis.set(keys.changeOrder, String(ahead));
    const order = { ...makeOrder('day'), source: { kind: 'webhooks' as const } };
    const first10 = await receive(
      order,
      [1, 2, 3].map((points) => ({ request: request(points) })),
    );
    const last = await receive(order, [{ request: request(4) }]);
    const orders = [...first10.acks, ...last.acks].map((ack) =>
      ack.kind === 'new' ? ack.job.order : undefined,
    );
    expect(orders.slice(0, 3)).toEqual([ahead + 1, ahead + 2, ahead + 3]);
    expect(orders[3]).toBeGreaterThan(ahead + 3);
    const stored = await redis.hget(keys.parked('day'), 'day-2');
    expect(stored).toContain(`"order":${ahead + 2},`);
  });
});
