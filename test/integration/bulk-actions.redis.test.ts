/** Bulk actions through the whole pipeline: ordered, run by the feeder, sent by the worker. */

import { describe, expect, it } from 'vitest';
import {
  findBulkAction,
  startBulkAction,
  type BulkActionRequest,
} from '../../src/services/failures/bulk-actions.ts';
import { failureGroups } from '../../src/services/failures/list-failures.ts';
import { retryResultOf } from '../../src/domain/failures/bulk-action.ts';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { testAction } from '../support/make.ts';
import { eventually } from '../support/eventually.ts';

async function openWithRefused(count: number, latencyMs = 0) {
  const bridge = await startBridge({ faults: ['create:422~^c-[1-3]$'], latencyMs });
  const campaign = await bridge.issue(goodCustomers(count));
  expect(campaign).toMatchObject({ done: count - 3, rejected: 3 });
  bridge.sandbox.faults.clear();
  const { stores } = bridge.passbridge;
  const ended = (id: string) =>
    eventually(async () => {
      const bulkAction = await findBulkAction(stores, id);
      if (bulkAction?.status !== 'ended') throw new Error(`not ended: ${JSON.stringify(bulkAction)}`);
      return bulkAction;
    });
  return {
    ...bridge,
    id: campaign.id,
    stores,
    ended,
    order: (request: BulkActionRequest) =>
      startBulkAction(stores, request, { ...testAction, now: Date.now() }),
  };
}

describe('a bulk action', () => {
  it('sends each edited job once if it is ordered from two browsers', async () => {
    const { id, stores, sandbox, order, ended, waitForEnd } = await openWithRefused(10);
    const [group] = await failureGroups(stores, { campaign: id }, Date.now());
    expect(group).toMatchObject({ count: 3, kind: 'job', retryable: true, unknown: false });
    const filter = { causes: [group?.cause.id ?? ''], unknown: false };
    const rule = { attribute: 'first_name', template: '{{ customer.first_name | upper }}' };
    const bulkActions = await Promise.all([
      order({ kind: 'edit', filter, rule }),
      order({ kind: 'edit', filter, rule }),
    ]);
    const done = await Promise.all(bulkActions.map((bulkAction) => ended(bulkAction.id)));
    expect(done.reduce((sum, bulkAction) => sum + bulkAction.done, 0)).toBe(3);
    expect(await waitForEnd(id)).toMatchObject({ done: 10, rejected: 0, writtenBack: 10 });
    expect(sandbox.witness.doubles()).toEqual([]);
    expect(sandbox.passes.of('c-1').map(({ body }) => body)).toEqual([expect.stringContaining('ŽOFIE 1')]);
    expect(await failureGroups(stores, {}, Date.now())).toEqual([]);
  });

  it('counts how its jobs end: succeeded, failed again or waiting, and not only that they were queued', async () => {
    const { id, stores, sandbox, order, ended } = await openWithRefused(5);
    const filter = { campaign: id, unknown: false };
    const resultOf = async (bulkAction: string) => {
      const found = await findBulkAction(stores, bulkAction);
      return found === undefined ? undefined : retryResultOf(found);
    };
    // Two of the three are refused again.
    const rule = parseFaultRule('create:422~^c-[1-2]$');
    if (rule.ok) sandbox.faults.add(rule.rule);
    const first = await order({ kind: 'retry', filter });
    expect(retryResultOf(first)).toMatchObject({ queued: 0, succeeded: 0, failedAgain: 0 });
    await ended(first.id);
    const again = { queued: 3, succeeded: 1, failedAgain: 2, unknown: 0, waiting: 0 };
    await eventually(async () => expect(await resultOf(first.id)).toEqual(again));
    sandbox.faults.clear();
    const second = await order({ kind: 'retry', filter });
    await ended(second.id);
    await eventually(async () =>
      expect(await resultOf(second.id)).toEqual({ ...again, queued: 2, succeeded: 2, failedAgain: 0 }),
    );
    expect(await resultOf(first.id)).toEqual(again);
  });

  it('on selected failures takes priority over campaigns', async () => {
    const { id, sandbox, start, order } = await openWithRefused(5, 30);
    const others = goodCustomers(600).replaceAll(/^c-/gm, 'd-');
    await start('issue', others);
    await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(20));
    const jobs = [{ campaign: id, job: `${id}-1` }];
    await order({ kind: 'retry', filter: { jobs, unknown: false } });
    await eventually(() => expect(sandbox.passes.of('c-1')).toHaveLength(1));
    expect(sandbox.passes.size).toBeLessThan(500);
  });

  it('is queued by reconciliation if its order was interrupted', async () => {
    const { id, stores, ended, waitForEnd } = await openWithRefused(5);
    const filter = { campaign: id, unknown: false };
    const order = { id: 'cut-off', kind: 'retry', filter, by: 'eva', reason: '', at: Date.now() } as const;
    await stores.bulkActions.open(order, 3);
    expect(await ended('cut-off')).toMatchObject({ done: 3, excluded: {} });
    expect(await waitForEnd(id)).toMatchObject({ done: 5, rejected: 0 });
  });
});
