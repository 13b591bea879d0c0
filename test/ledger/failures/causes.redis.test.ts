/** Filing of failures under their causes, in a real Redis. */

import { describe, expect, it } from 'vitest';
import { causeOf } from '../../../src/domain/failures/cause.ts';
import { failure } from '../../../src/domain/failures/failure.ts';
import { openFailureLedger, runningBulkAction } from '../../support/failures.ts';
import { queued } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const HOUR = 3_600_000;
const refused = (detail: string) => failure('PM_REFUSED', detail);
/** Makes a word without digits for each number. */
const word = (n: number) => String(n).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)));

describe('the causes of a campaign', () => {
  it('group failures that differ only in an id, with their times', async () => {
    let now = 10 * HOUR + 5;
    const { plant, failures, campaigns } = openFailureLedger(openRedis(), testPrefix(), () => now);
    await plant('run', 3, (row) => refused(`template t${row} unknown`));
    now += 2 * HOUR;
    const filtered = [
      { row: 4, end: { state: 'rejected' as const, failure: refused('template t9 unknown') } },
      { row: 5, end: { state: 'rejected' as const, failure: refused('no such account') } },
      { row: 6, end: { state: 'skipped' as const, reason: 'has-card' as const } },
    ];
    await campaigns.accept('run', 6, filtered, now);
    await campaigns.accept('run', 6, filtered, now + 1);
    const found = await failures.causes('run');
    expect(found.toSorted((a, b) => b.count - a.count)).toEqual([
      {
        cause: causeOf(refused('template t1 unknown')),
        count: 4,
        firstAt: 10 * HOUR + 5,
        lastAt: now,
        perHour: [
          { hour: 10 * HOUR, count: 3 },
          { hour: 12 * HOUR, count: 1 },
        ],
      },
      {
        cause: causeOf(refused('no such account')),
        count: 1,
        firstAt: now,
        lastAt: now,
        perHour: [{ hour: 12 * HOUR, count: 1 }],
      },
    ]);
    expect(await campaigns.find('run')).toMatchObject({ rejected: 5, skipped: 1 });
  });

  it('keep the counts of the last 24 hours with occurrences', async () => {
    let now = 0;
    const { campaigns, plant, failures } = openFailureLedger(openRedis(), testPrefix(), () => now);
    await plant('run', 0, () => refused('no'));
    for (let row = 1; row <= 30; row += 1) {
      now = row * HOUR;
      await campaigns.accept('run', row, [{ row, end: { state: 'rejected', failure: refused('no') } }], now);
    }
    const [found] = await failures.causes('run');
    expect(found).toMatchObject({ count: 30, firstAt: HOUR, lastAt: 30 * HOUR });
    expect(found?.perHour.map(({ hour }) => hour / HOUR)).toEqual(
      Array.from({ length: 24 }, (_, n) => n + 7),
    );
  });

  it('are limited to a hundred; further ones are filed under the overflow cause of their code', async () => {
    const { plant, failures, campaigns } = openFailureLedger(openRedis(), testPrefix());
    // Of an upstream's text only known words are kept, so no answer could have as many causes.
    await plant('run', 130, (row) => failure('ROW_FIELD_MISSING', `customer.${word(row)} is empty`));
    const found = await failures.causes('run');
    expect(found).toHaveLength(101);
    expect(found.find(({ cause }) => cause.id === 'ROW_FIELD_MISSING.others')).toMatchObject({ count: 30 });
    expect(await campaigns.failures('run')).toMatchObject([{ code: 'ROW_FIELD_MISSING', count: 130 }]);
  });

  it('are not listed once their last record is gone', async () => {
    const { plant, campaigns, jobs, failures, actions, bulkActions } = openFailureLedger(
      openRedis(),
      testPrefix(),
    );
    await plant('run', 1, () => refused('no'));
    const { id } = causeOf(refused('no'));
    const record = await failures.example('run', id);
    if (record === undefined || !('job' in record)) throw new Error('not found');
    const ref = { cause: id, bulkAction: await runningBulkAction(bulkActions) };
    expect([await actions.reopen(record, ref), await actions.reopen(record, ref)]).toEqual([true, false]);
    expect(await bulkActions.find('r')).toMatchObject({ done: 1 });
    expect(await failures.causes('run')).toEqual([]);
    // It fails again with a different time: the record of the first failure must not reopen this one.
    await jobs.settle(queued(record.job), {
      state: 'failed',
      failure: refused('no'),
      attempts: 5,
      at: record.at + 1,
    });
    expect(await actions.reopen(record, ref)).toBe(false);
    expect(await campaigns.find('run')).toMatchObject({ rejected: 0, failed: 1, pending: 0 });
  });
});
