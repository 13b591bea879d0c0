/** An answer that arrives after another worker has settled the row: proof beats doubt, in every order. */

import { describe, expect, it } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import type { FailedRecord } from '../../../src/domain/failures/failed.ts';
import type { QueuedJob } from '../../../src/domain/jobs/pass-job.ts';
import type { Settlement } from '../../../src/domain/jobs/settlement.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeCustomerIndex } from '../../../src/ledger/customers/customer-index.ts';
import { makeTimelineWriter } from '../../../src/ledger/customers/timeline-writer.ts';
import { makeBulkActions } from '../../../src/ledger/failures/bulk-actions.ts';
import { makeFailureActions } from '../../../src/ledger/failures/failure-actions.ts';
import { makeFailureIndex } from '../../../src/ledger/failures/failure-index.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeOutbox } from '../../../src/ledger/write-back/outbox.ts';
import { runningBulkAction } from '../../support/failures.ts';
import { makeOrder, makeQueued, makeWriteBack } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const TTL_MS = 3_600_000;

const doneWith = (passId: string, row = 1): Settlement => ({
  state: 'done',
  card: { passId, issuedAt: 1 },
  writeBack: { ...makeWriteBack(row), data: { card: passId } },
});
const unknown: Settlement = {
  state: 'unknown',
  failure: failure('PM_UNKNOWN_CRASH', 'died'),
  attempts: 1,
  at: 5,
};
const refused: Settlement = {
  state: 'rejected',
  failure: failure('PM_REFUSED', 'no'),
  attempts: 1,
  at: 6,
};

async function setUp() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const campaigns = makeCampaignLedger(redis, keys);
  await campaigns.create(makeOrder());
  await campaigns.accept('run', 10, [], 0);
  const options = { ttlMs: TTL_MS, clock: Date.now };
  const timeline = makeTimelineWriter(keys, options);
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: TTL_MS, clock: Date.now, timeline });
  const failures = makeFailureIndex(redis, keys);
  const actions = makeFailureActions(redis, keys, timeline);
  const bulkAction = await runningBulkAction(makeBulkActions(redis, keys));
  const outbox = makeOutbox(redis, keys, timeline);
  const index = makeCustomerIndex(redis, keys, { ttlMs: TTL_MS, idTypes: ['registered'] });

  const records = async (): Promise<FailedRecord[]> => {
    const found: FailedRecord[] = [];
    for (const { cause } of await failures.causes('run')) {
      for await (const page of failures.pages('run', cause.id)) found.push(...page);
    }
    return found;
  };
  const recordOf = async (state: string) => {
    for (const { cause } of await failures.causes('run')) {
      const [record] = (await failures.page('run', cause.id, { size: 1 })).records;
      if (record !== undefined && 'job' in record && record.state === state)
        return { cause: cause.id, record };
    }
    throw new Error(`no record is ${state}`);
  };
  return {
    redis,
    keys,
    jobs,
    records,
    campaigns,
    /** A worker takes the job and sends it; it is given up for dead. */
    async send(job: QueuedJob) {
      expect(await jobs.claim(job)).toMatchObject({ answer: 'go' });
    },
    async counters() {
      const {
        rows,
        done,
        skipped,
        rejected,
        failed,
        unknown: open,
        stopped,
        pending,
      } = (await campaigns.find('run'))!;
      expect(done + skipped + rejected + failed + open + stopped + pending).toBe(rows);
      return { done, skipped, rejected, failed, unknown: open, pending };
    },
    async retry(state: string) {
      const { cause, record } = await recordOf(state);
      expect(await actions.reopen(record, { cause, bulkAction })).toBe(true);
    },
    async discard(state: string) {
      const { cause, record } = await recordOf(state);
      const why = { by: 'test', reason: '', at: 1 };
      expect(await actions.discard('run', record, { cause, bulkAction }, why)).toBe(true);
    },
    discarded: () => redis.hlen(keys.discarded('run')),
    async writtenBack() {
      const taken = await outbox.take({ size: 50, maxWaitMs: 0, leaseMs: 1000 });
      return (taken?.entries ?? []).map(({ id, data }) => [id, (data as { card: string }).card]);
    },
    async timeline() {
      const [found] = await index.find('c-1', Date.now());
      return found?.events.map(({ kind, detail }) => `${kind} ${detail}`) ?? [];
    },
  };
}

/** Two runs of one delivery: the second worker took over from the first. */
const first: QueuedJob = { ...makeQueued(1), runId: 'first' };
const second: QueuedJob = { ...first, runId: 'second', isRedelivered: true };
/** The delivery after an operator has retried the row. */
const retried: QueuedJob = { ...makeQueued(1, { generation: 1 }), runId: 'retried' };

describe('a card that comes to light', () => {
  it('after the row ended unknown makes it done, as if it had been the first', async () => {
    const { jobs, send, counters, records, writtenBack, redis, keys } = await setUp();
    await send(first);
    expect(await jobs.claim(second)).toMatchObject({ answer: 'sent-before' });
    await jobs.settle(second, unknown);
    expect(await counters()).toMatchObject({ unknown: 1, done: 0 });
    expect(await jobs.settle(first, doneWith('p-1'))).toEqual({ kind: 'recorded', replaced: 'unknown' });
    expect(await counters()).toEqual({ done: 1, skipped: 0, rejected: 0, failed: 0, unknown: 0, pending: 9 });
    expect(await records()).toEqual([]);
    expect(await redis.exists(keys.inFlight(first))).toBe(0);
    expect(await writtenBack()).toEqual([['run-1', 'p-1']]);
    const twin = makeQueued(2, { customer: first.customer });
    expect(await jobs.claim(twin)).toMatchObject({ answer: 'duplicate' });
    expect(await jobs.settle(first, doneWith('p-1'))).toEqual({ kind: 'repeated' });
    expect(await jobs.settle(second, unknown)).toEqual({ kind: 'stands', state: 'done' });
    expect(await counters()).toMatchObject({ done: 1, unknown: 0 });
  });

  it('before its successor settles the row as unknown leaves nothing to settle', async () => {
    const { jobs, send, counters } = await setUp();
    await send(first);
    await jobs.claim(second);
    expect(await jobs.settle(first, doneWith('p-1'))).toEqual({ kind: 'recorded' });
    expect(await jobs.settle(second, unknown)).toEqual({ kind: 'stands', state: 'done' });
    expect(await counters()).toMatchObject({ done: 1, unknown: 0 });
  });

  it('opens its campaign again if that was closed meanwhile, until the card is written back', async () => {
    const { redis, keys, jobs, send, campaigns, writtenBack } = await setUp();
    await campaigns.markFed('run', 0);
    await send(first);
    await jobs.claim(second);
    await jobs.settle(second, unknown);
    for (let row = 2; row <= 10; row += 1) {
      await jobs.settle(makeQueued(row), { state: 'skipped', reason: 'filtered' });
    }
    expect(await campaigns.close('run', { isOver: true, now: 7 })).toBe(true);
    await jobs.settle(first, doneWith('p-1'));
    expect([await campaigns.openIds(), await redis.zcard(keys.endedCampaigns)]).toEqual([['run'], 0]);
    expect(await campaigns.close('run', { isOver: true, now: 8 })).toBe(false);
    expect(await writtenBack()).toEqual([['run-1', 'p-1']]);
  });

  it.each(['paused', 'stopped'])('counts in a campaign that is %s', async (status) => {
    const { jobs, send, redis, keys, counters } = await setUp();
    await send(first);
    await jobs.settle(second, unknown);
    await redis.hset(keys.campaign('run'), 'status', status);
    expect(await jobs.settle(first, doneWith('p-1'))).toMatchObject({
      kind: 'recorded',
      replaced: 'unknown',
    });
    expect(await counters()).toMatchObject({ done: 1, unknown: 0 });
  });

  it('after the failure was discarded takes it back', async () => {
    const { jobs, send, discard, discarded, counters } = await setUp();
    await send(first);
    await jobs.settle(second, unknown);
    await discard('unknown');
    expect(await jobs.settle(first, doneWith('p-1'))).toMatchObject({
      kind: 'recorded',
      replaced: 'unknown',
    });
    expect(await discarded()).toBe(0);
    expect(await counters()).toMatchObject({ done: 1, unknown: 0 });
  });

  it.each([
    ['rejected', refused, { rejected: 0 }],
    ['skipped', { state: 'skipped', reason: 'too-late' }, { skipped: 0 }],
  ] as const)('after the retried row was %s makes it done', async (replaced, end, gone) => {
    const { jobs, send, retry, counters, redis, keys } = await setUp();
    await send(first);
    await jobs.settle(second, unknown);
    await retry('unknown');
    await jobs.settle(retried, end);
    expect(await jobs.settle(first, doneWith('p-1'))).toEqual({ kind: 'recorded', replaced });
    expect(await counters()).toMatchObject({ done: 1, unknown: 0, ...gone });
    expect(await redis.bitcount(keys.skipped('run', 'too-late'))).toBe(0);
    expect(Number(await redis.hget(keys.campaign('run'), 'skipped:too-late'))).toBe(0);
  });

  it('of a forgotten customer changes nothing', async () => {
    const { jobs, counters, writtenBack } = await setUp();
    await jobs.skipForgotten(first);
    expect(await jobs.settle(first, doneWith('p-1'))).toEqual({ kind: 'stands', state: 'skipped' });
    expect(await counters()).toMatchObject({ skipped: 1, done: 0 });
    expect(await writtenBack()).toEqual([]);
  });
});

describe('a second card', () => {
  it('is filed if the old proof arrives before the answer to the retry; the newer one is written back', async () => {
    const { jobs, send, retry, records, counters, writtenBack, timeline } = await setUp();
    await send(first);
    await jobs.settle(second, unknown);
    await retry('unknown');
    await send(retried);
    expect(await jobs.settle(first, doneWith('p-old'))).toEqual({ kind: 'recorded' });
    expect(await jobs.settle(retried, doneWith('p-new'))).toMatchObject({
      kind: 'second-card',
      isNewest: true,
      failure: { code: 'PM_SECOND_CARD', detail: expect.stringContaining('p-new') },
    });
    expect(await counters()).toMatchObject({ done: 1, unknown: 0, pending: 9 });
    expect(await records()).toMatchObject([{ state: 'done', failure: { code: 'PM_SECOND_CARD' } }]);
    expect(await writtenBack()).toEqual([
      ['run-1', 'p-old'],
      ['run-1~2', 'p-new'],
    ]);
    expect(await timeline()).toEqual(expect.arrayContaining(['done p-old', 'second-card p-new']));
    expect(await jobs.settle(retried, doneWith('p-new'))).toEqual({ kind: 'repeated' });
  });

  it('is filed if the old proof arrives last, and is not written back', async () => {
    const { jobs, send, retry, records, counters, writtenBack } = await setUp();
    await send(first);
    await jobs.settle(second, unknown);
    await retry('unknown');
    await send(retried);
    expect(await jobs.settle(retried, doneWith('p-new'))).toEqual({ kind: 'recorded' });
    const late = { kind: 'second-card', isNewest: false, failure: { code: 'PM_SECOND_CARD' } };
    expect(await jobs.settle(first, doneWith('p-old'))).toMatchObject(late);
    expect(await jobs.settle(first, doneWith('p-old'))).toEqual({ kind: 'repeated' });
    expect(await counters()).toMatchObject({ done: 1, pending: 9 });
    expect(await records()).toHaveLength(1);
    expect(await writtenBack()).toEqual([['run-1', 'p-new']]);
  });

  it('of a customer in another row is filed, too, and both rows are done', async () => {
    const { jobs, send, records, counters, writtenBack } = await setUp();
    await send(first);
    await jobs.settle(second, unknown);
    // The hold was given up: the customer is served by another row.
    await jobs.eraseCard('loyalty', first.customer);
    const twin = makeQueued(2, { customer: first.customer });
    await send(twin);
    expect(await jobs.settle(twin, doneWith('p-2', 2))).toEqual({ kind: 'recorded' });
    expect(await jobs.settle(first, doneWith('p-1'))).toMatchObject({ kind: 'second-card', isNewest: false });
    expect(await counters()).toMatchObject({ done: 2, unknown: 0 });
    expect(await records()).toMatchObject([{ failure: { code: 'PM_SECOND_CARD' } }]);
    expect(await writtenBack()).toEqual([['run-2', 'p-2']]);
  });

  it('is none if the campaign replaces the card of an earlier one', async () => {
    const { jobs, campaigns, send } = await setUp();
    await send(first);
    await jobs.settle(first, doneWith('p-1'));
    await campaigns.create(makeOrder('again'));
    const again = makeQueued(1, {
      id: 'again-1',
      campaign: 'again',
      replaces: true,
      customer: first.customer,
    });
    await send(again);
    expect(await jobs.settle(again, doneWith('p-2'))).toEqual({ kind: 'recorded' });
  });
});

describe('a run whose delivery was taken over', () => {
  it('does not release the claim of its successor', async () => {
    const { jobs, send } = await setUp();
    const change = {
      action: 'update',
      customer: { ids: { registered: 'c-1' }, attributes: { passmachine_pass_id: 'p' } },
    } as const;
    const stopped: QueuedJob = { ...makeQueued(1, change), runId: 'first' };
    await send(stopped);
    await send({ ...stopped, runId: 'second' });
    await jobs.release(stopped);
    expect(await jobs.claimStage(stopped)).toBe('sent');
  });

  it('and was only preparing it leaves the create to its successor', async () => {
    const { jobs } = await setUp();
    await jobs.claim(first, { stage: 'prepared' });
    expect(await jobs.claimStage(first)).toBe('prepared');
    expect(await jobs.inFlightMs([first])).toEqual([undefined]);
    expect(await jobs.claim(second)).toMatchObject({ answer: 'go' });
    expect(await jobs.claim(first)).toMatchObject({ answer: 'sent-before' });
  });

  it('is recognized by a later delivery of the same job', async () => {
    const { jobs, send } = await setUp();
    await send(first);
    expect(await jobs.claim({ ...makeQueued(1, { requeues: 1 }), runId: 'third' })).toMatchObject({
      answer: 'sent-before',
    });
  });
});
