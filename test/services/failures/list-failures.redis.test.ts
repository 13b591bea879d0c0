/** The lists of the Failures page, over several campaigns. */

import { describe, expect, it } from 'vitest';
import { failureGroups, failuresPage } from '../../../src/services/failures/list-failures.ts';
import { causeOf } from '../../../src/domain/failures/cause.ts';
import { rowOf } from '../../../src/domain/failures/failed.ts';
import { failure, type Failure } from '../../../src/domain/failures/failure.ts';
import { openBulkActionFixture } from '../../support/bulk-action-fixture.ts';
import { openFailureLedger, runningBulkAction } from '../../support/failures.ts';
import { makeOrder } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

/** Twelve causes; the details of one differ in ids, e-mails and numbers. */
const planted = [
  (row: number) => failure('PM_TEMPLATE_UNKNOWN', `template t${row} unknown`),
  (row: number) => failure('PM_TEMPLATE_UNKNOWN', `account ${row} is closed`),
  (row: number) => failure('PM_REFUSED', `{"error":"first_name is too long","value":"Žofie ${row}"}`),
  (row: number) => failure('PM_REFUSED', `{"error":"last_name is too long","value":"Nová ${row}"}`),
  (row: number) => failure('PM_REFUSED', `e-mail c-${row}@example.com is no e-mail`),
  (row: number) => failure('PM_UNAVAILABLE', `answered ${500 + (row % 4)} without a body`),
  (row: number) => failure('PM_FORBIDDEN', `key 'k${row}' may not do this`),
  (row: number) => failure('PM_UNKNOWN_TIMEOUT', `no answer within ${row} ms`),
  (row: number) => failure('PM_UNKNOWN_RESET', `socket ${row} hang up`),
  () => failure('TEMPLATE_FAILED', 'create.templateVariables.kpName: unknown filter'),
  (row: number) => failure('JOB_BUG', `cannot read row ${row}`),
  () => failure('JOB_POISONED', 'its workers died again and again'),
] as const;

const failureOf = (row: number): Failure => (planted[row % planted.length] ?? planted[0])(row);

describe('failures of twelve causes in five campaigns', () => {
  it('are listed as twelve groups', async () => {
    const ledger = openFailureLedger(openRedis(), testPrefix());
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const id of ids) await ledger.plant(id, 1200, failureOf);

    const groups = await failureGroups(ledger, {}, Date.now());
    expect(groups.map(({ cause }) => cause.id).toSorted()).toEqual(
      planted.map((of) => causeOf(of(1)).id).toSorted(),
    );
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(6000);
    for (const { cause, count, campaigns, perHour, example, unknown } of groups) {
      expect(campaigns.map(({ id }) => id).toSorted()).toEqual(ids);
      expect(perHour.reduce((sum, hour) => sum + hour.count, 0)).toBe(count);
      expect(example?.failure.code).toBe(cause.code);
      expect(unknown).toBe(cause.code.startsWith('PM_UNKNOWN'));
    }
  });
});

describe('failures of the oldest of 1,200 campaigns', () => {
  it('are listed, read, counted and found by a bulk action', async () => {
    const { plant, stores, campaigns, retry, work, queued } = await openBulkActionFixture();
    await plant('oldest', 3, () => failure('PM_REFUSED', 'no'));
    for (let from = 0; from < 1200; from += 200) {
      const ids = Array.from({ length: 200 }, (_, nth) => `newer-${from + nth}`);
      await Promise.all(ids.map((id) => campaigns.create({ ...makeOrder(id), createdAt: Date.now() })));
    }
    const [group] = await failureGroups(stores, {}, Date.now());
    expect(group?.campaigns).toEqual([{ id: 'oldest', count: 3 }]);
    const page = await failuresPage(stores, { cause: group?.cause.id ?? '' });
    expect(page.failures.map(({ campaign }) => campaign)).toEqual(['oldest', 'oldest', 'oldest']);
    const action = await retry();
    expect(action.total).toBe(3);
    await work(action.id);
    expect(queued).toHaveLength(3);
  });
});

describe('a group', () => {
  it('contains the selected failures, and disappears with its last record', async () => {
    const ledger = openFailureLedger(openRedis(), testPrefix());
    await ledger.plant('a', 24, failureOf);
    await ledger.plant('b', 12, failureOf);
    const refused = await failureGroups(ledger, { campaign: 'a', code: 'pm_ref' }, Date.now());
    expect(refused.map(({ cause, count }) => [cause.code, count])).toEqual([
      ['PM_REFUSED', 2],
      ['PM_REFUSED', 2],
      ['PM_REFUSED', 2],
    ]);
    const [first] = refused;
    const bulkAction = await runningBulkAction(ledger.bulkActions);
    for await (const page of ledger.failures.pages('a', first?.cause.id ?? '')) {
      for (const record of page) {
        if ('job' in record)
          await ledger.actions.reopen(record, { cause: first?.cause.id ?? '', bulkAction });
      }
    }
    expect(await failureGroups(ledger, { campaign: 'a', code: 'PM_REF' }, Date.now())).toHaveLength(2);
    expect(await failureGroups(ledger, { campaign: 'a', code: first?.cause.id }, Date.now())).toEqual([]);
    expect(await failureGroups(ledger, { code: first?.cause.id }, Date.now())).toMatchObject([
      { count: 1, campaigns: [{ id: 'b', count: 1 }], kind: 'job', retryable: true },
    ]);
    await expect(failureGroups(ledger, { code: 'PM_REFUSD' }, Date.now())).rejects.toThrow(
      'did you mean PM_REFUSED',
    );
  });

  it('is paged so that each record comes once', async () => {
    const ledger = openFailureLedger(openRedis(), testPrefix());
    await ledger.plant('a', 30, () => failure('PM_REFUSED', 'no'));
    await ledger.plant('b', 750, () => failure('PM_REFUSED', 'no'));
    await ledger.plant('c', 130, () => failure('PM_REFUSED', 'no'));
    const cause = causeOf(failure('PM_REFUSED', 'no')).id;
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { failures, next } = await failuresPage(ledger, { cause }, cursor);
      expect(failures.length).toBeLessThanOrEqual(100);
      expect(failures.length).toBeGreaterThan(0);
      seen.push(...failures.map(({ campaign, record }) => `${campaign}-${rowOf(record)}`));
      cursor = next;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(910);
    expect(new Set(seen).size).toBe(910);
    expect((await failuresPage(ledger, { cause, campaign: 'a' })).failures).toHaveLength(30);
    expect(await failuresPage(ledger, { cause: 'PM_REFUSED.nope' })).toEqual({
      failures: [],
      next: undefined,
    });
  });
});
