/** Bulk actions from the order to the end, on a real Redis. */

import { describe, expect, it } from 'vitest';
import {
  cancelBulkAction,
  findBulkAction,
  listExcluded,
  listBulkActions,
  startBulkAction,
} from '../../../src/services/failures/bulk-actions.ts';
import { causeOf } from '../../../src/domain/failures/cause.ts';
import { retryResultOf } from '../../../src/domain/failures/bulk-action.ts';
import { failure } from '../../../src/domain/failures/failure.ts';
import { makeUnknownCreates } from '../../../src/ledger/failures/unknown-creates.ts';
import { openBulkActionFixture, ordinary, refused } from '../../support/bulk-action-fixture.ts';

const word = (n: number) => String(n).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)));
const card = (row: number) => ({ passId: `p-${row}`, issuedAt: 1 });

describe('the failures of two campaigns', () => {
  it('are requeued once each if they are ordered twice', async () => {
    const { plant, retry, work, queued, stores, campaigns } = await openBulkActionFixture();
    await plant('many', 3000, (row) => failure('PM_REFUSED', `bad ${word(row % 6)}`));
    await plant('some', 2000, (row) => failure('PM_REFUSED', `bad ${word(row % 6)}`));

    expect(await retry()).toMatchObject({ status: 'waiting', total: 5000, done: 0 });

    const [first, second] = [await retry({ campaign: 'some' }), await retry({ campaign: 'some' })];
    await Promise.all([work(first.id), work(second.id)]);
    const ended = await Promise.all([findBulkAction(stores, first.id), findBulkAction(stores, second.id)]);
    expect(ended.map((bulkAction) => bulkAction?.status)).toEqual(['ended', 'ended']);
    expect(ended.reduce((sum, bulkAction) => sum + (bulkAction?.done ?? 0), 0)).toBe(2000);
    expect(queued).toHaveLength(2000);
    expect(new Set(queued).size).toBe(2000);
    expect(await campaigns.find('some')).toMatchObject({ rows: 2000, rejected: 0, pending: 2000 });
  });
});

describe('a bulk action', () => {
  it('counts each failure once if it is resumed after a crash', async () => {
    const { plant, retry, work, queued, stores, bulkActions } = await openBulkActionFixture();
    await plant('a', 1000, (row) => (row % 10 === 0 ? failure('PM_UNKNOWN_RESET', 'reset') : refused));
    const { id } = await retry();
    await expect(work(id, { dieAfter: 333 })).rejects.toThrow('the process has crashed');
    expect(await findBulkAction(stores, id)).toMatchObject({ status: 'running', total: 1000, done: 333 });
    expect(await bulkActions.openIds()).toEqual([id]);
    await work(id);
    expect(await findBulkAction(stores, id)).toMatchObject({
      status: 'ended',
      done: 900,
      excluded: { unknown: 100 },
    });
    expect(await listExcluded(stores, id)).toHaveLength(100);
    expect(new Set(queued).size).toBe(queued.length);
    expect(await bulkActions.openIds()).toEqual([]);
  });

  it('counts an outcome that was unknown as succeeded once a card is proven', async () => {
    const { plant, retry, work, sent, stores, jobs, redis, keys } = await openBulkActionFixture();
    await plant('a', 4, () => refused);
    const { id } = await retry();
    await work(id);
    const noAnswer = failure('PM_UNKNOWN_TIMEOUT', 'no answer');
    const runOf = (row: number) => {
      const job = sent.find((one) => one.row === row);
      if (job === undefined) throw new Error(`row ${row} was not queued`);
      return { ...job, deliveryId: 'd', runId: 'r' };
    };
    for (const row of [1, 2, 3, 4]) {
      await jobs.settle(runOf(row), { state: 'unknown', failure: noAnswer, attempts: 1, at: 1 });
    }
    const result = async () => {
      const bulkAction = await findBulkAction(stores, id);
      return bulkAction && retryResultOf(bulkAction);
    };
    expect(await result()).toMatchObject({ succeeded: 0, failedAgain: 4, unknown: 4 });

    // By an operator or an event, by the answer of the run itself, and by the answer of the run before the retry.
    const unknowns = makeUnknownCreates(redis, keys, { timeline: undefined, cardTtlMs: 60_000 });
    const found = await unknowns.find(runOf(1).id);
    if (found === undefined) throw new Error('the outcome of row 1 is not unknown');
    expect(await unknowns.settle(found, card(1), { by: 'by alice', now: 2 })).toBe('settled');
    expect(await result()).toMatchObject({ succeeded: 1, failedAgain: 3, unknown: 3 });
    await jobs.settle(runOf(2), { state: 'done', card: card(2) });
    expect(await result()).toMatchObject({ succeeded: 2, failedAgain: 2, unknown: 2 });
    const { bulkAction: _retry, ...before } = runOf(3);
    await jobs.settle(before, { state: 'done', card: card(3) });
    const ended = { queued: 4, succeeded: 3, failedAgain: 1, unknown: 1, waiting: 0 };
    expect(await result()).toEqual(ended);

    // A repeated proof counts once.
    expect(await unknowns.settle(found, { passId: 'p-1', issuedAt: 1 }, { by: 'by alice', now: 3 })).toBe(
      'gone',
    );
    await jobs.settle(before, { state: 'done', card: card(3) });
    expect(await result()).toEqual(ended);
  });

  it('stops when it is cancelled, without reverting what is done', async () => {
    const { plant, retry, work, stores, campaigns } = await openBulkActionFixture();
    await plant('a', 5000, () => refused);
    const { id } = await retry();
    await work(id, { onPage: () => cancelBulkAction(stores, id, { ...ordinary, now: 7 }) });
    const bulkAction = await findBulkAction(stores, id);
    expect(bulkAction).toMatchObject({ status: 'cancelled', endedAt: 7, total: 5000 });
    expect(bulkAction?.done).toBeGreaterThan(0);
    expect(bulkAction?.done).toBeLessThan(1000);
    expect(await campaigns.find('a')).toMatchObject({ pending: bulkAction?.done });
    await work(id);
    expect(await findBulkAction(stores, id)).toEqual(bulkAction);
  });

  it('does nothing if it is cancelled before it starts', async () => {
    const { plant, retry, work, stores, queued } = await openBulkActionFixture();
    await plant('a', 5, () => refused);
    const { id } = await retry();
    expect(await cancelBulkAction(stores, id, { ...ordinary, now: 7 })).toMatchObject({
      status: 'cancelled',
    });
    await work(id);
    expect([queued, (await findBulkAction(stores, id))?.done]).toEqual([[], 0]);
    expect(await cancelBulkAction(stores, 'no-such', ordinary)).toBeUndefined();
  });

  it('excludes what it cannot handle, with a reason', async () => {
    const { plant, campaigns, campaignSwitch, retry, work, stores } = await openBulkActionFixture();
    const ragged = failure('ROW_RAGGED', 'line 3');
    await plant('a', 4, (row) => (row === 1 ? failure('PM_UNKNOWN_RESET', 'reset') : refused));
    await campaigns.accept('a', 5, [{ row: 5, end: { state: 'rejected', failure: ragged } }], 0);
    await plant('halted', 3, () => refused);
    await stores.redis.hdel(stores.keys.campaign('halted'), 'fed');
    await campaignSwitch.halt('halted', 'paused', { kind: 'operator', reason: '', by: 'eva', at: 0 });
    const { id, total } = await retry();
    await work(id);
    expect(total).toBe(8);
    expect(await findBulkAction(stores, id)).toMatchObject({
      done: 3,
      excluded: { unknown: 1, 'rejected-row': 1, 'not-running': 3 },
      by: 'eva',
      reason: 'template fixed',
    });
    const excluded = await listExcluded(stores, id);
    expect(excluded).toContainEqual({ campaign: 'a', row: 1, job: 'a-1', reason: 'unknown' });
    expect(excluded).toContainEqual({ campaign: 'a', row: 5, reason: 'rejected-row' });
    expect(excluded).toHaveLength(5);
  });

  it('handles the failures that match, and none that failed after it was ordered', async () => {
    const { plant, retry, work, queued, stores } = await openBulkActionFixture();
    await plant('a', 4, (row) => failure(row > 2 ? 'PM_REFUSED' : 'PM_FORBIDDEN', 'no'));
    await plant('b', 2, () => refused);
    await work((await retry({ campaign: 'a', causes: ['PM_REFUSED'] })).id);
    expect(queued.toSorted()).toEqual(['a-3', 'a-4']);
    await work(
      (
        await retry({
          causes: [causeOf(failure('PM_FORBIDDEN', 'no')).id],
          jobs: [{ campaign: 'a', job: 'a-1' }],
        })
      ).id,
    );
    expect(queued.slice(2)).toEqual(['a-1']);
    const early = await startBulkAction(
      stores,
      { kind: 'retry', filter: { unknown: false } },
      { ...ordinary, now: 1 },
    );
    await work(early.id);
    expect(await findBulkAction(stores, early.id)).toMatchObject({ status: 'ended', total: 3, done: 0 });
    expect((await listBulkActions(stores)).map(({ id }) => id)).toContain(early.id);
    const many = Array.from({ length: 501 }, (_, n) => ({ campaign: 'a', job: `a-${n}` }));
    await expect(retry({ jobs: many })).rejects.toThrow('At most 500');
    await expect(retry({ campaign: 'nope' })).rejects.toThrow('no campaign nope');
  });
});
