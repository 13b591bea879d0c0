/** Rows of a forgotten customer that a campaign reads later. */

import { describe, expect, it } from 'vitest';
import { forget, findCustomerToForget } from '../../../../src/services/customers/erasure/forget.ts';
import { skipForgotten, removeForgotten } from '../../../../src/campaign/judged-row.ts';
import { customerById, parseCustomerQuery } from '../../../../src/domain/customers/customer-query.ts';
import { makeLedgerKeys } from '../../../../src/ledger/keys.ts';
import { startBridge } from '../../../support/bridge.ts';
import { goodCustomers } from '../../../support/customers.ts';
import { testAction, makeJob } from '../../../support/make.ts';
import { openTestStores } from '../../../support/stores.ts';

const options = { ...testAction, alsoCardMarkers: false, files: false };

const job = (row: number, registered: string, attributes = {}) =>
  makeJob(row, { customer: { ids: { registered }, attributes } });

describe('the list of forgotten customers', () => {
  it('matches any id, email or card they were named by, for the card TTL', async () => {
    const { stores, config } = await openTestStores();
    const jobs = [
      job(1, 'c-1'),
      job(2, 'c-2', { email: 'Two@Example.com' }),
      job(3, 'c-3', { passmachine_pass_id: 'p-3' }),
      job(4, 'c-4', { email: 'four@example.com' }),
    ];
    const now = Date.now();
    const rows = async (at: number) => (await stores.forgotten.among(jobs, at)).map(({ row }) => row);
    expect(await rows(now)).toEqual([]);
    await stores.forgotten.add(customerById('registered:c-1'), now);
    await stores.forgotten.add(parseCustomerQuery('two@example.com', ['registered']), now);
    await stores.forgotten.add(parseCustomerQuery('p-3', ['registered']), now + 1000);
    expect(await rows(now + 2000)).toEqual([1, 2, 3]);
    expect(await rows(now + config.cards.ttlMs)).toEqual([3]);
    const { forgotten } = makeLedgerKeys(stores.prefix);
    expect(await stores.redis.pttl(forgotten)).toBeGreaterThan(config.cards.ttlMs);
  });
});

describe('a row of a forgotten customer', () => {
  it('is skipped, and the campaign still finishes with exact counters', async () => {
    const bridge = await startBridge();
    const { stores } = bridge.passbridge;
    for (const text of ['c-5', 'c-7@example.com']) {
      await forget(stores, await findCustomerToForget(stores, text, ['registered']), options);
    }
    const campaign = await bridge.issue(goodCustomers(10));
    expect(campaign).toMatchObject({ rows: 10, done: 8, skipped: 2, skippedFor: { forgotten: 2 } });
    expect(bridge.sandbox.passes.of('c-5')).toEqual([]);
    expect(bridge.sandbox.passes.of('c-7')).toEqual([]);
  });

  it('is skipped before it is queued, and removed if it was queued just before', async () => {
    const [gone, kept] = [makeJob(1), makeJob(2)];
    const judged = [gone, kept].map((one) => ({
      row: one.row,
      decision: { kind: 'job', job: one } as const,
    }));
    const among = async () => [gone];
    expect(await skipForgotten(judged, { among })).toEqual([
      { row: 1, decision: { kind: 'skip', reason: 'forgotten' } },
      judged[1],
    ]);
    const taken: number[] = [];
    await removeForgotten([gone, kept], { among, remove: async ({ row }) => void taken.push(row) });
    expect(taken).toEqual([1]);
  });
});
