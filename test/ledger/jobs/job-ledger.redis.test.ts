import { describe, expect, it, vi } from 'vitest';
import { causeOf } from '../../../src/domain/failures/cause.ts';
import { type QueuedJob, withoutDeliveryId } from '../../../src/domain/jobs/pass-job.ts';
import { failure } from '../../../src/domain/failures/failure.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeOutbox } from '../../../src/ledger/write-back/outbox.ts';
import { makeQueued, makeOrder, makeWriteBack } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const TTL_MS = 60_000;
const card = { passId: 'p-1', issuedAt: 1 };

async function setUp() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const campaigns = makeCampaignLedger(redis, keys);
  await campaigns.create(makeOrder());
  await campaigns.accept('run', 10, [], 0);
  const counters = async () => {
    const { rows, done, skipped, rejected, failed, unknown, stopped, pending } =
      (await campaigns.find('run'))!;
    expect(done + skipped + rejected + failed + unknown + stopped + pending).toBe(rows);
    return { done, skipped, rejected, failed, unknown, stopped, pending };
  };
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: TTL_MS, clock: Date.now });
  return {
    redis,
    keys,
    campaigns,
    counters,
    jobs: {
      ...jobs,
      claim: async (job: QueuedJob) => (await jobs.claim(job)).answer,
    },
    outbox: makeOutbox(redis, keys),
  };
}

const failed = (code: 'PM_REFUSED' | 'PM_UNKNOWN_TIMEOUT') => ({
  failure: failure(code, 'why'),
  attempts: 1,
  at: 5,
});

describe('a claim', () => {
  it('is refused while the gate is closed after a 429, but not while it is closed for an outage', async () => {
    const { redis, keys, jobs } = await setUp();
    await redis.set(keys.gate, 'PM_RATE_LIMITED', 'PX', TTL_MS);
    expect(await jobs.claim(makeQueued(1))).toBe('gate');
    await redis.set(keys.gate, 'PM_DOWN', 'PX', TTL_MS);
    expect(await jobs.claim(makeQueued(1))).toBe('go');
  });

  it('allows one job of a customer in flight', async () => {
    const { jobs } = await setUp();
    const twin = makeQueued(2, { customer: makeQueued(1).customer });
    expect(await jobs.claim(makeQueued(1))).toBe('go');
    expect(await jobs.claim(twin)).toBe('customer-busy');
    await jobs.release(makeQueued(1));
    expect(await jobs.claim(twin)).toBe('go');
  });

  it('lasts until it is released', async () => {
    const { jobs } = await setUp();
    const twin = makeQueued(2, { customer: makeQueued(1).customer });
    expect(await jobs.claimStage(makeQueued(1))).toBeUndefined();
    await jobs.claim(makeQueued(1));
    expect([await jobs.claimStage(makeQueued(1)), await jobs.claimStage(twin)]).toEqual(['sent', undefined]);
    await jobs.release(makeQueued(1));
    expect(await jobs.claimStage(makeQueued(1))).toBeUndefined();
  });

  it('is not released by another job', async () => {
    const { jobs } = await setUp();
    const twin = makeQueued(2, { customer: makeQueued(1).customer });
    await jobs.claim(makeQueued(1));
    await jobs.release(twin);
    expect(await jobs.claim(twin)).toBe('customer-busy');
  });

  it('reports a create that was claimed before by a dead worker', async () => {
    const { jobs } = await setUp();
    await jobs.claim(makeQueued(1));
    expect(await jobs.claim(makeQueued(1))).toBe('sent-before');
  });

  it('is answered again if its reply was lost', async () => {
    const { jobs, redis } = await setUp();
    const sending = vi.spyOn(redis, 'sendCommand');
    expect(await jobs.claim(makeQueued(1))).toBe('go');
    const claim = sending.mock.calls.at(-1)?.[0];
    expect(await redis.call(claim?.name ?? '', ...(claim?.args as string[]))).toEqual(['go', null]);
    expect(await jobs.claim(makeQueued(1))).toBe('sent-before');
  });

  it('refuses a second card of the program to the same customer', async () => {
    const { jobs } = await setUp();
    await jobs.claim(makeQueued(1));
    await jobs.settle(makeQueued(1), { state: 'done', card });
    const twin = makeQueued(2, { customer: makeQueued(1).customer });
    expect(await jobs.claim(twin)).toBe('duplicate');
    expect(await jobs.claim({ ...twin, campaign: 'later' })).toBe('has-card');
    expect(await jobs.claim({ ...twin, program: 'gift' })).toBe('go');
  });

  it('allows a campaign to replace a card only once', async () => {
    const { jobs, campaigns } = await setUp();
    await campaigns.create(makeOrder('again'));
    const { customer } = makeQueued(1);
    const again = (row: number) =>
      makeQueued(row, { id: `again-${row}`, customer, campaign: 'again', replaces: true });
    await jobs.claim(makeQueued(1));
    await jobs.settle(makeQueued(1), { state: 'done', card });
    expect(await jobs.claim(again(2))).toBe('go');
    await jobs.settle(again(2), { state: 'done', card });
    expect(await jobs.claim(again(3))).toBe('duplicate');
  });

  it('refuses a card if an earlier create ended unknown', async () => {
    const { jobs } = await setUp();
    await jobs.claim(makeQueued(1));
    await jobs.settle(makeQueued(1), { state: 'unknown', ...failed('PM_UNKNOWN_TIMEOUT') });
    expect(await jobs.claim(makeQueued(2, { customer: makeQueued(1).customer }))).toBe('card-unknown');
  });

  it.each(['paused', 'held', 'stopped'])('is refused while the campaign is %s', async (status) => {
    const { redis, keys, jobs } = await setUp();
    await redis.hset(keys.campaign('run'), 'status', status);
    expect(await jobs.claim(makeQueued(1))).toBe('halted');
    await redis.hset(keys.campaign('run'), 'status', 'running');
    expect(await jobs.claim(makeQueued(1))).toBe('go');
  });

  it('may be repeated for a PATCH', async () => {
    const { jobs } = await setUp();
    const notify = makeQueued(1, { action: 'notify' });
    expect([await jobs.claim(notify), await jobs.claim(notify)]).toEqual(['go', 'go']);
  });
});

describe('a settlement', () => {
  it('counts once, and a repeat is recognized', async () => {
    const { jobs, counters } = await setUp();
    const done = { state: 'done', card, writeBack: makeWriteBack(1) } as const;
    expect(await jobs.settle(makeQueued(1), done)).toEqual({ kind: 'recorded' });
    expect(await jobs.settle(makeQueued(1), done)).toEqual({ kind: 'repeated' });
    expect(await counters()).toMatchObject({ done: 1, pending: 9 });
    expect(await jobs.claim(makeQueued(1))).toBe('settled');
  });

  it.each([
    [{ state: 'done' }, { state: 'rejected', ...failed('PM_REFUSED') }],
    [
      { state: 'unknown', ...failed('PM_UNKNOWN_TIMEOUT') },
      { state: 'rejected', ...failed('PM_REFUSED') },
    ],
    [
      { state: 'skipped', reason: 'has-card' },
      { state: 'unknown', ...failed('PM_UNKNOWN_TIMEOUT') },
    ],
  ] as const)('that was recorded first stands: %j', async (first, second) => {
    const { jobs, counters } = await setUp();
    await jobs.settle(makeQueued(1), first);
    expect(await jobs.settle(makeQueued(1), second)).toEqual({ kind: 'stands', state: first.state });
    expect(await jobs.settle(makeQueued(1), first)).toEqual({ kind: 'repeated' });
    expect(await counters()).toMatchObject({ [first.state]: 1, [second.state]: 0, pending: 9 });
  });

  it.each([{ state: 'done' }, { state: 'skipped', reason: 'has-card' }] as const)(
    'as $state moves one row out of pending',
    async (settlement) => {
      const { jobs, counters } = await setUp();
      await jobs.settle(makeQueued(1), settlement);
      expect(await counters()).toMatchObject({ [settlement.state]: 1, pending: 9 });
    },
  );

  it('files a failure with its job under its cause', async () => {
    const { jobs, campaigns, counters, redis, keys } = await setUp();
    await jobs.settle(makeQueued(1), { state: 'rejected', ...failed('PM_REFUSED') });
    await jobs.settle(makeQueued(2), { state: 'failed', ...failed('PM_REFUSED') });
    await jobs.settle(makeQueued(3), { state: 'unknown', ...failed('PM_UNKNOWN_TIMEOUT') });
    expect(await counters()).toMatchObject({ rejected: 1, failed: 1, unknown: 1, pending: 7 });
    expect(await campaigns.failures('run')).toEqual([
      { code: 'PM_REFUSED', count: 2, examples: [1, 2].map((row) => ({ row, detail: 'why' })) },
      { code: 'PM_UNKNOWN_TIMEOUT', count: 1, examples: [{ row: 3, detail: 'why' }] },
    ]);
    const record = await redis.hget(keys.failed('run', causeOf(failure('PM_REFUSED', 'why')).id), 'run-1');
    expect(JSON.parse(record ?? '')).toEqual({
      job: withoutDeliveryId(makeQueued(1)),
      state: 'rejected',
      ...failed('PM_REFUSED'),
    });
  });

  it('adds the write-back to the outbox', async () => {
    const { jobs, outbox } = await setUp();
    await jobs.settle(makeQueued(1), { state: 'done', card, writeBack: makeWriteBack(1) });
    const taken = await outbox.take({ size: 50, maxWaitMs: 0, leaseMs: 1000 });
    expect(taken?.entries).toEqual([{ ...makeWriteBack(1), at: expect.any(Number) }]);
  });

  it('files a card whose write-back could not be rendered', async () => {
    const { jobs, campaigns } = await setUp();
    await jobs.settle(makeQueued(1), { state: 'done', card, writeBackFailure: failed('PM_REFUSED') });
    expect(await campaigns.find('run')).toMatchObject({
      done: 1,
      writeBacks: 1,
      writtenBack: 0,
      writeBackFailures: 1,
    });
    expect(await campaigns.failures('run')).toHaveLength(1);
  });
});

describe('filtered rows', () => {
  it('are counted once when they are accepted twice', async () => {
    const { campaigns, counters } = await setUp();
    const filtered = [
      { row: 11, end: { state: 'skipped' as const, reason: 'has-card' as const } },
      { row: 12, end: { state: 'rejected' as const, failure: failure('ROW_ID_MISSING', 'row 12') } },
      { row: 13, end: { state: 'rejected' as const, failure: failure('ROW_FIELD_MISSING', 'row 13') } },
    ];
    await campaigns.accept('run', 13, filtered, 7);
    await campaigns.accept('run', 13, filtered, 7);
    expect(await counters()).toMatchObject({ skipped: 1, rejected: 2, pending: 10 });
    expect((await campaigns.failures('run')).map(({ code }) => code).toSorted()).toEqual([
      'ROW_FIELD_MISSING',
      'ROW_ID_MISSING',
    ]);
  });
});

describe('a campaign', () => {
  it('is finished when it is fed and no row is pending', async () => {
    const { jobs, campaigns } = await setUp();
    for (let row = 1; row <= 10; row += 1)
      await jobs.settle(makeQueued(row), { state: 'skipped', reason: 'has-card' });
    expect(await campaigns.find('run')).toMatchObject({ status: 'running', pending: 0 });
    await campaigns.markFed('run', 0);
    expect(await campaigns.find('run')).toMatchObject({ status: 'finished', fed: true });
    expect(await campaigns.list()).toHaveLength(1);
    expect(await campaigns.find('no-such')).toBeUndefined();
  });
});
