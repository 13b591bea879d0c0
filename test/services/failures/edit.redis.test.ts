/** Failures that are retried with changed attributes. */

import { UserError } from '../../../src/kit/user-error.ts';
import { describe, expect, it } from 'vitest';
import {
  findBulkAction,
  listExcluded,
  startBulkAction,
} from '../../../src/services/failures/bulk-actions.ts';
import { previewRule } from '../../../src/services/failures/edit-rules.ts';
import type { BulkFilter } from '../../../src/domain/failures/bulk-action.ts';
import type { EditRule } from '../../../src/domain/failures/edit-rule.ts';
import { failure } from '../../../src/domain/failures/failure.ts';
import { makeOutbox } from '../../../src/ledger/write-back/outbox.ts';
import { openBulkActionFixture, ordinary, refused } from '../../support/bulk-action-fixture.ts';
import { leaseOf } from '../../support/outbox.ts';
import { makeQueued, makeProgram, makeWriteBack } from '../../support/make.ts';

const filter = { unknown: false };
const byRule = (rule: EditRule, meant: BulkFilter = filter) =>
  ({ kind: 'edit', filter: meant, rule }) as const;

/** Jobs with a name, except the third; the fourth has a raw body, and the fifth is a refused write-back. */
async function openWithNames() {
  const service = await openBulkActionFixture();
  const { campaigns, jobs, redis, keys } = service;
  await service.plant('a', 0, () => refused);
  await campaigns.accept('a', 5, [], 0);
  for (const row of [1, 2, 3, 4]) {
    const attributes = row === 3 ? {} : { first_name: `Žofie ${row}` };
    const customer = { ids: { registered: `c-${row}` }, attributes };
    const job = makeQueued(row, {
      id: `a-${row}`,
      campaign: 'a',
      customer,
      dataHash: 'x',
      ...(row === 4 && { body: '{}' }),
    });
    await jobs.settle(job, { state: 'rejected', failure: refused, attempts: 1, at: 1 });
  }
  await jobs.settle(makeQueued(5, { id: 'a-5', campaign: 'a' }), {
    state: 'done',
    writeBack: { ...makeWriteBack(5), id: 'a-5', campaign: 'a' },
  });
  await makeOutbox(redis, keys).giveUp(
    { ...makeWriteBack(5), id: 'a-5', campaign: 'a' },
    await leaseOf(redis, keys, 'a-5'),
    failure('BR_COMMAND_REFUSED', 'no'),
    1,
  );
  return service;
}

describe('an edit', () => {
  it('sends the changed jobs, and excludes those that the rule fails for, with the reason', async () => {
    const { stores, work, sent } = await openWithNames();
    const rule = {
      attribute: 'first_name',
      template: '{{ customer.first_name | upper }} of {{ customer_ids.registered }}',
    };
    const { id, total } = await startBulkAction(stores, byRule(rule), ordinary);
    await work(id);
    expect(total).toBe(5);
    expect(await findBulkAction(stores, id)).toMatchObject({
      rule,
      done: 2,
      excluded: { 'rule-failed': 1, 'raw-body': 1, 'write-back-only': 1 },
    });
    expect(sent.map(({ customer }) => String(customer.attributes['first_name'])).toSorted()).toEqual([
      'ŽOFIE 1 of c-1',
      'ŽOFIE 2 of c-2',
    ]);
    expect(sent.map(({ dataHash }) => dataHash)).toEqual([undefined, undefined]);
    expect(await listExcluded(stores, id)).toContainEqual({
      campaign: 'a',
      row: 3,
      job: 'a-3',
      reason: 'rule-failed',
      detail: expect.stringContaining('customer.first_name is empty'),
    });
  });

  it('can set values for a single job', async () => {
    const { stores, work, sent } = await openWithNames();
    const values = { first_name: 'Eva', email: 'eva@example.com' };
    const one = { ...filter, jobs: [{ campaign: 'a', job: 'a-3' }] };
    const { id } = await startBulkAction(stores, byRule({ values }, one), ordinary);
    await work(id);
    expect(sent.map(({ customer }) => customer)).toEqual([
      { ids: { registered: 'c-3' }, attributes: values },
    ]);
  });

  it('never changes a customer id, and refuses a rule that does not compile', async () => {
    const { stores, work, sent } = await openWithNames();
    const { id } = await startBulkAction(
      stores,
      byRule({ attribute: 'registered', template: 'c-9' }),
      ordinary,
    );
    await work(id);
    expect([sent, (await findBulkAction(stores, id))?.excluded['rule-failed']]).toEqual([[], 3]);
    const torn = { attribute: 'x', template: '{{ customer.first_name' };
    await expect(startBulkAction(stores, byRule(torn), ordinary)).rejects.toThrow(UserError);
    expect(await previewRule(stores, new Map(), filter, torn, 0)).toMatchObject({ ok: false });
  });

  it('is refused if its rule changes nothing for any of its customers', async () => {
    const { stores, ordered } = await openWithNames();
    const same = { attribute: 'first_name', template: '{{ customer.first_name }}' };
    const named = { ...filter, jobs: [1, 2].map((row) => ({ campaign: 'a', job: `a-${row}` })) };
    expect(await previewRule(stores, new Map(), named, same, 0)).toMatchObject({ changesNothing: true });
    const refusal = /^The rule changes nothing/;
    await expect(startBulkAction(stores, byRule(same, named), ordinary)).rejects.toThrow(refusal);
    const values = { first_name: 'Žofie 1' };
    const only = (row: number) => ({ ...filter, jobs: [{ campaign: 'a', job: `a-${row}` }] });
    await expect(startBulkAction(stores, byRule({ values }, only(1)), ordinary)).rejects.toThrow(refusal);
    expect(ordered).toEqual([]);
    await startBulkAction(stores, byRule({ values }, only(2)), ordinary);
    expect(ordered).toHaveLength(1);
  });

  it('is previewed with the customers that it changes, however few of many they are', async () => {
    const service = await openBulkActionFixture();
    await service.plant('b', 100, () => refused);
    const rule = {
      attribute: 'vip',
      template: "{{ 'yes' if customer_ids.registered == 'b-c-77' else customer.vip | default('') }}",
    };
    const preview = await previewRule(service.stores, new Map(), filter, rule, 0);
    if (!preview.ok) throw new Error(preview.problems.join());
    expect(preview.changesNothing).toBe(false);
    expect(preview.samples[0]).toMatchObject({ changes: [{ attribute: 'vip' }] });
  });

  it('is previewed: what changes, and what would be sent', async () => {
    const { stores } = await openWithNames();
    const rule = { attribute: 'first_name', template: '{{ customer.first_name | upper }}' };
    const preview = await previewRule(stores, new Map([['loyalty', makeProgram()]]), filter, rule, 0);
    if (!preview.ok) throw new Error(preview.problems.join());
    const [first, , third] = preview.samples.toSorted((a, b) => a.row - b.row);
    expect(preview.samples).toHaveLength(3);
    expect(first).toMatchObject({
      customer: 'registered:c-1',
      changes: [{ attribute: 'first_name', before: 'Žofie 1', after: 'ŽOFIE 1' }],
      before: { ok: true, body: { templateVariables: { kpFirstName: 'Žofie 1' } } },
      after: { ok: true, body: { templateVariables: { kpFirstName: 'ŽOFIE 1' } } },
    });
    expect(third).toMatchObject({
      changes: [],
      after: { ok: false, problem: expect.stringContaining('is empty') },
    });
  });
});
