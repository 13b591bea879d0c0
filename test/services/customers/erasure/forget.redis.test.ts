import { UserError } from '../../../../src/kit/user-error.ts';
import { describe, expect, it } from 'vitest';
import { forget, findCustomerToForget } from '../../../../src/services/customers/erasure/forget.ts';
import { findWhatRemains } from '../../../../src/services/customers/erasure/what-remains.ts';
import { causeOf } from '../../../../src/domain/failures/cause.ts';
import { failure } from '../../../../src/domain/failures/failure.ts';
import type { PassJob, QueuedJob } from '../../../../src/domain/jobs/pass-job.ts';
import { keysContaining } from '../../../support/redis-bytes.ts';
import { testAction, makeQueued, makeOrder, makeWriteBack } from '../../../support/make.ts';
import { openTestStores } from '../../../support/stores.ts';

const refused = { failure: failure('PM_REFUSED', 'the name Xaverius is not allowed'), attempts: 1, at: 5 };
const unknown = { failure: failure('PM_UNKNOWN_TIMEOUT', 'no answer'), attempts: 1, at: 5 };
/** All texts that name the forgotten customer. */
const names = ['c-77', 'xaver@example.com', 'Xaverius', 'pass-77'];

const options = { ...testAction, alsoCardMarkers: false, files: false };

async function open(rows = 20) {
  const opened = await openTestStores();
  const { stores } = opened;
  await stores.campaigns.create(makeOrder());
  await stores.campaigns.accept('run', rows, [], 0);
  await stores.campaigns.markFed('run', 0);
  const forgetCustomer = async (text: string, more: Partial<typeof options> = {}) =>
    forget(stores, await findCustomerToForget(stores, text, ['registered']), { ...options, ...more });
  const left = () => keysContaining(stores.redis, stores.prefix, names);
  const counters = async () => stores.campaigns.find('run');
  return { ...opened, forgetCustomer, left, counters };
}

function xaver(row: number, more: Partial<PassJob> = {}): QueuedJob {
  const attributes = { first_name: 'Xaverius', email: 'Xaver@example.com', passmachine_pass_id: 'pass-77' };
  return makeQueued(row, { customer: { ids: { registered: 'c-77' }, attributes }, ...more });
}

const saving = (row: number, customer: string) => {
  const back = makeWriteBack(row);
  const properties = { passmachine_pass_id: customer === 'c-77' ? 'pass-77' : `p-${row}` };
  return { ...back, data: { customer_ids: { registered: customer }, properties } };
};

const sumOf = (campaign: Awaited<ReturnType<Awaited<ReturnType<typeof open>>['counters']>>) =>
  campaign === undefined
    ? undefined
    : campaign.done +
      campaign.skipped +
      campaign.rejected +
      campaign.failed +
      campaign.unknown +
      campaign.stopped +
      campaign.pending;

describe('forgetting', () => {
  it('leaves no quote in a cause whose record was reopened by an edit before', async () => {
    const { stores, forgetCustomer, left } = await open();
    const { jobs, failures, failureActions, bulkActions } = stores;
    const quoting = failure('PM_REFUSED', 'Customer Xaverius (xaver@example.com) c-77 pass-77 blocked', {
      status: 422,
    });
    await jobs.settle(xaver(1), { state: 'rejected', failure: quoting, attempts: 1, at: 5 });
    const cause = causeOf(quoting).id;
    const order = {
      id: 'r',
      kind: 'edit',
      filter: { unknown: false },
      by: 'eva',
      reason: '',
      at: 9,
    } as const;
    await bulkActions.open(order, 1);
    await bulkActions.start('r');
    const [record] = await failures.find('run', cause, ['run-1']);
    if (record === undefined || !('job' in record)) throw new Error('not filed');
    expect(await failureActions.reopen(record, { cause, bulkAction: 'r' })).toBe(true);
    expect(await failures.causeIds('run')).toEqual([cause]);
    await forgetCustomer('c-77');
    expect(await left()).toEqual([]);
  });

  it('erases failed and discarded records and the quotes in their cause, and leaves the counters unchanged', async () => {
    const { stores, forgetCustomer, left, counters } = await open();
    const { jobs, failures, failureActions, bulkActions } = stores;
    await jobs.settle(xaver(1), { state: 'rejected', ...refused });
    await jobs.settle(xaver(2, { action: 'update' }), { state: 'unknown', ...unknown });
    await jobs.settle(makeQueued(3), { state: 'unknown', ...unknown });
    await jobs.settle(xaver(4), { state: 'failed', ...refused, at: 6 });
    const order = {
      id: 'r',
      kind: 'discard',
      filter: { unknown: true },
      by: 'eva',
      reason: '',
      at: 9,
    } as const;
    await bulkActions.open(order, 1);
    await bulkActions.start('r');
    const cause = causeOf(refused.failure).id;
    const [record] = await failures.find('run', cause, ['run-4']);
    if (record === undefined) throw new Error('not filed');
    const why = { by: 'eva', reason: 'no', at: 9 };
    await failureActions.discard('run', record, { cause, bulkAction: 'r' }, why);

    expect(await left()).not.toEqual([]);
    const excluded = { campaign: 'run', row: 1, job: 'run-1', reason: 'rule-failed' } as const;
    const others = { ...excluded, row: 3, job: 'run-3', detail: 'Jan is no number' };
    await bulkActions.recordExcluded('r', {}, [{ ...excluded, detail: 'Xaverius is no number' }, others]);
    expect((await forgetCustomer('c-77')).erased).toEqual({
      failed: 2,
      discarded: 1,
      timeline: 1,
      'bulk-action': 1,
    });
    expect(await bulkActions.listExcluded('r')).toEqual([excluded, others]);
    expect(await left()).toEqual([]);
    expect(await counters()).toMatchObject({ rejected: 1, unknown: 2, failed: 1, pending: 16 });
    expect((await failures.causes('run')).map(({ count }) => count)).toEqual([1]);
    expect((await forgetCustomer('c-77')).erased).toEqual({});
  });

  it('erases reasons and values of bulk actions that concern only the customer', async () => {
    const { stores, forgetCustomer } = await open();
    const { jobs, bulkActions } = stores;
    await jobs.settle(xaver(1), { state: 'rejected', ...refused });
    await jobs.settle(makeQueued(3), { state: 'rejected', ...refused });
    const of = { campaign: 'run' };
    const [first, third] = [
      { ...of, job: 'run-1' },
      { ...of, job: 'run-3' },
    ];
    const typed = { by: 'eva', at: 9, reason: 'Xaverius called' };
    const rule = { values: { email: 'xaverius@example.com' } };
    const theirs = {
      ...typed,
      id: 'a',
      kind: 'edit',
      filter: { jobs: [first], unknown: false },
      rule,
    } as const;
    const shared = { ...theirs, id: 'b', filter: { jobs: [first, third], unknown: false } };
    const discarded = { ...typed, id: 'c', kind: 'discard', filter: theirs.filter } as const;
    for (const order of [theirs, shared, discarded]) await bulkActions.open(order, 1);
    expect((await forgetCustomer('c-77')).erased).toMatchObject({ 'bulk-action': 2 });
    expect(await bulkActions.find('a')).toMatchObject({ reason: '', rule: { values: { email: null } } });
    expect(await bulkActions.find('b')).toMatchObject({ reason: typed.reason, rule });
    expect(await bulkActions.find('c')).toMatchObject({ by: 'eva', reason: '' });
  });

  it('skips parked and queued jobs, each once, and no others', async () => {
    const { stores, forgetCustomer, left, counters } = await open();
    const { passQueue, parked, campaignSwitch } = stores;
    await passQueue.add([xaver(1), makeQueued(2), makeQueued(3)], 'campaign');
    await passQueue.add([xaver(4, { generation: 3 })], 'bulkRetry');
    await campaignSwitch.halt('run', 'paused', { kind: 'operator', reason: '', by: 'eva', at: 1 });
    await parked.park(xaver(5));
    // Both parked and queued, as after a crash in between.
    await parked.park(xaver(1));
    await parked.park(makeQueued(6));

    const { erased, busy } = await forgetCustomer('registered:c-77');
    expect([erased, busy]).toEqual([{ parked: 2, queued: 2 }, 0]);
    expect(await left()).toEqual([]);
    const after = await counters();
    expect(after).toMatchObject({ skipped: 3, skippedFor: { forgotten: 3 }, pending: 17, parked: 1 });
    expect(sumOf(after)).toBe(20);
    const waiting: string[] = [];
    for await (const page of passQueue.waiting()) waiting.push(...page.map(({ job }) => job.id));
    expect(waiting).toEqual(['run-2', 'run-3']);
    expect((await parked.list('run')).map(({ id }) => id)).toEqual(['run-6']);
  });

  it('reports a job in flight as busy, and erases it when repeated', async () => {
    const { stores, forgetCustomer, left, counters } = await open();
    const job = xaver(1, { generation: 2 });
    await stores.passQueue.add([job], 'campaign');
    expect((await stores.jobs.claim(job)).answer).toBe('go');
    expect(await forgetCustomer('c-77')).toEqual({ erased: {}, busy: 1 });
    expect(await counters()).toMatchObject({ skipped: 0, pending: 20 });
    await stores.jobs.release(job);
    expect(await forgetCustomer('c-77')).toEqual({ erased: { queued: 1 }, busy: 0 });
    expect(await left()).toEqual([]);
  });

  it('erases pending write-backs from the outbox, pending imports and import batches, and keeps all others', async () => {
    const { stores, forgetCustomer, left, counters, keys } = await open();
    const { jobs, importBatches, outbox, redis } = stores;
    const settle = (row: number, customer: string) =>
      jobs.settle(makeQueued(row, { customer: { ids: { registered: customer }, attributes: {} } }), {
        state: 'done',
        card: { passId: customer === 'c-77' ? 'pass-77' : `p-${row}`, issuedAt: 1 },
        writeBack: saving(row, customer),
      });
    await settle(1, 'c-77');
    await settle(2, 'c-2');
    await redis.hset(keys.campaign('run'), 'importAbove', 1, 'expected', 20);
    for (const [row, customer] of [
      [3, 'c-3'],
      [4, 'c-77'],
      [5, 'c-5'],
    ] as const)
      await settle(row, customer);
    await importBatches.seal('run');
    for (const [row, customer] of [
      [6, 'c-77'],
      [7, 'c-7'],
    ] as const)
      await settle(row, customer);

    const { erased } = await forgetCustomer('pass-77');
    expect(erased).toEqual({ 'write-back': 3, timeline: 1 });
    expect(await left()).toEqual([]);
    expect(await counters()).toMatchObject({ done: 7, writeBacks: 4, writtenBack: 0 });
    expect((await outbox.depth()).waiting).toBe(1);
    expect(await redis.llen(keys.pendingImport('run'))).toBe(1);
    const importBatch = await importBatches.take(1000);
    expect(importBatch?.rows).toBe(2);
    const rows: number[] = [];
    for await (const page of importBatches.contents(importBatch?.id ?? ''))
      rows.push(...page.map(({ row }) => row));
    expect(rows).toEqual([3, 5]);
    await importBatches.fallBack(importBatch?.id ?? '');
    expect((await outbox.depth()).waiting).toBe(3);
    const due = await outbox.take({ size: 50, maxWaitMs: 0, leaseMs: 1000 });
    await outbox.markDelivered(due?.entries ?? []);
    expect(await counters()).toMatchObject({ writeBacks: 4, writtenBack: 3 });
    expect(await left()).toEqual([]);
  });

  it('records no timeline event for a customer forgotten while a write-back was sent', async () => {
    const { stores, forgetCustomer, left } = await open();
    const { jobs, outbox } = stores;
    for (const job of [xaver(1), makeQueued(2)]) {
      const data = { customer_ids: { ...job.customer.ids }, properties: {} };
      const writeBack = { ...makeWriteBack(job.row), data };
      await jobs.settle(job, { state: 'done', card: { passId: `p-${job.row}`, issuedAt: 1 }, writeBack });
    }
    const taken = await outbox.take({ size: 50, maxWaitMs: 0, leaseMs: 60_000 });
    const sent = taken?.entries ?? [];
    expect(sent).toHaveLength(2);
    await forgetCustomer('c-77');
    await outbox.markDelivered(sent);
    expect(await left()).toEqual([]);
    const [other] = (await stores.customers?.find('c-2', Date.now())) ?? [];
    expect(other?.events.map(({ kind }) => kind)).toEqual(['done', 'written-back']);
  });

  it('erases the timeline and its search terms, but not those of a customer with the same email', async () => {
    const { stores, forgetCustomer, left, keys } = await open();
    await stores.jobs.settle(xaver(1), { state: 'done', card: { passId: 'pass-1', issuedAt: 1 } });
    const other = { ids: { registered: 'c-2' }, attributes: { email: 'xaver@example.com' } };
    await stores.jobs.settle(makeQueued(2, { customer: other }), { state: 'skipped', reason: 'has-card' });
    await expect(findCustomerToForget(stores, 'XAVER@example.com', ['registered'])).rejects.toThrow(
      new UserError(
        'ERASURE_REFUSED',
        'XAVER@example.com leads to 2 customers: registered:c-77, registered:c-2. Name one by their id.',
      ),
    );
    await forgetCustomer('c-77');
    expect(await left()).toEqual([]);
    const found = async (text: string) =>
      (await stores.customers?.find(text, Date.now()))?.map((one) => one.customer);
    expect(await found('xaver@example.com')).toEqual(['registered:c-2']);
    expect(await found('pass-1')).toEqual([]);
    expect(await found('run-1')).toEqual([]);
    expect(await found('run-2')).toEqual(['registered:c-2']);
    const pairs = await Promise.all(
      (await stores.redis.keys(`${stores.prefix}:customer-lookup:*`)).map((key) => stores.redis.hvals(key)),
    );
    expect(pairs.flat().join('')).toHaveLength(28);
    expect(await stores.redis.pttl(keys.rowCustomers('run', 0))).toBeGreaterThan(0);
  });

  it('finds a customer with a failure by email and card if the customer index is off', async () => {
    const { stores } = await openTestStores({ CUSTOMER_INDEX: 'off' });
    await stores.campaigns.create(makeOrder());
    await stores.campaigns.accept('run', 2, [], 0);
    await stores.jobs.settle(xaver(1), { state: 'rejected', ...refused });
    for (const text of ['xaver@EXAMPLE.com', 'pass-77', 'c-77'])
      expect(await findCustomerToForget(stores, text, ['registered'])).toMatchObject({
        customer: 'registered:c-77',
        counts: { failed: 1 },
      });
    expect((await findCustomerToForget(stores, 'run-1', ['registered'])).customer).toBeUndefined();
  });

  it('keeps the card marker unless told to erase it as well', async () => {
    const { stores, forgetCustomer, keys } = await open();
    await stores.jobs.settle(xaver(1), { state: 'done', card: { passId: 'pass-77', issuedAt: 1 } });
    await stores.jobs.settle(xaver(2, { action: 'notify' }), { state: 'done', notified: true });
    await stores.answers.publish('run-1', { ok: true, answer: { id: 'pass-77' } });
    expect((await forgetCustomer('c-77')).erased).toEqual({ timeline: 1, answer: 1, notifications: 1 });
    const again = makeQueued(3, { customer: { ids: { registered: 'c-77' }, attributes: {} } });
    expect((await stores.jobs.claim(again)).answer).toBe('duplicate');
    expect((await forgetCustomer('c-77', { alsoCardMarkers: true })).erased).toEqual({ card: 1 });
    expect(await stores.redis.exists(keys.card(again))).toBe(0);
    expect((await stores.jobs.claim(again)).answer).toBe('go');
  });

  it('is audited without naming the customer', async () => {
    const { stores, forgetCustomer, left } = await open();
    await stores.jobs.settle(xaver(1), { state: 'rejected', ...refused });
    await forgetCustomer('c-77');
    const { entries } = await stores.audit.page({ limit: 5 });
    expect(entries).toMatchObject([
      {
        action: 'customer.forget',
        target: expect.stringMatching(/^customer [\w-]{14}$/),
        after: { found: { failed: 1, timeline: 1 }, alsoCardMarkers: false, files: false },
      },
    ]);
    expect(await left()).toEqual([]);
  });
});

const remaining = async (stores: Awaited<ReturnType<typeof open>>['stores'], alsoCardMarkers = false) => {
  const found = await findCustomerToForget(stores, 'c-77', ['registered']);
  const config = { cards: { ttlMs: 7 * 86_400_000 }, redis: { address: undefined } } as Parameters<
    typeof findWhatRemains
  >[1];
  return findWhatRemains(stores, config, found, { alsoCardMarkers });
};

describe('what remains after forgetting', () => {
  it('names every text of an operator that mentions the customer, and no text that does not', async () => {
    const { stores, forgetCustomer } = await open();
    await stores.jobs.settle(xaver(1), { state: 'rejected', ...refused });
    await stores.campaigns.create({ ...makeOrder('typed'), text: 'Hello XAVERIUS!' });
    await stores.campaigns.create({ ...makeOrder('other'), text: 'Hello Xaveriusson, c-777' });
    const entry = { at: 1, by: 'Iva', via: 'dashboard', action: 'campaign.pause', target: 'run' } as const;
    await stores.audit.append({ ...entry, reason: 'xaver@example.com called' });
    await stores.audit.append({ ...entry, reason: 'pass-77 is broken' });
    const mentions = async () => (await remaining(stores)).filter(({ what }) => what.startsWith('a mention'));
    const expected = [
      { what: 'a mention in audit (2 entries)', why: expect.stringContaining('kept for good') },
      { what: 'a mention in campaign:typed', why: expect.stringContaining('typed it') },
    ];
    expect(await mentions()).toEqual(expected);
    await forgetCustomer('c-77');
  });

  it('names card markers unless they are erased, backups and the other systems', async () => {
    const { stores } = await open();
    const whats = (await remaining(stores)).map(({ what }) => what).join('; ');
    expect(whats).toMatch(/record that they have a card.*audit log.*backups.*Passmachine and Bloomreach/);
    expect((await remaining(stores, true)).map(({ what }) => what).join()).not.toContain('a card');
  });
});
