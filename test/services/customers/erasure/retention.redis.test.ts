import { describe, expect, it } from 'vitest';
import { sweepOld } from '../../../../src/services/customers/erasure/retention.ts';
import { failure } from '../../../../src/domain/failures/failure.ts';
import { testAction, makeQueued, makeOrder } from '../../../support/make.ts';
import { openTestStores } from '../../../support/stores.ts';

const DAY = 86_400_000;
const LONG_AGO = 100 * DAY;
const NOW = 200 * DAY;
const before = NOW - 90 * DAY;

async function open() {
  const { stores } = await openTestStores();
  /** Creates a campaign whose first rows failed at the given times. */
  const plant = async (id: string, rows: number, times: readonly number[], createdAt = LONG_AGO) => {
    await stores.campaigns.create({ ...makeOrder(id), createdAt });
    await stores.campaigns.accept(id, rows, [], 0);
    await stores.campaigns.markFed(id, 0);
    for (const [index, at] of times.entries()) {
      const job = makeQueued(index + 1, { id: `${id}-${index + 1}`, campaign: id });
      const why = { failure: failure('PM_REFUSED', 'no'), attempts: 1, at };
      await stores.jobs.settle(job, { state: 'rejected', ...why });
    }
  };
  const kept = async (id: string) =>
    (await stores.campaigns.failures(id)).reduce((sum, { count }) => sum + count, 0);
  const sweep = (more: { from?: number; max?: number } = {}) =>
    sweepOld(stores, { before, from: 0, ...more });
  return { stores, plant, kept, sweep };
}

describe('the retention sweep', () => {
  it('erases old failures of ended campaigns, and nothing else', async () => {
    const { stores, plant, kept, sweep } = await open();
    await plant('ended', 3, [LONG_AGO, LONG_AGO, NOW - DAY]);
    await plant('running', 3, [LONG_AGO, LONG_AGO]);
    await plant('young', 1, [NOW - DAY], NOW - 2 * DAY);
    expect((await sweep()).erased).toBe(2);
    expect([await kept('ended'), await kept('running'), await kept('young')]).toEqual([1, 2, 1]);
    expect(await stores.campaigns.find('ended')).toMatchObject({ status: 'finished', rejected: 3 });
    expect((await sweep()).erased).toBe(0);
  });

  it('counts the age of a discarded record from when it was discarded', async () => {
    const { stores, plant, sweep } = await open();
    await plant('ended', 2, [LONG_AGO, LONG_AGO]);
    const order = {
      id: 'r',
      kind: 'discard',
      filter: { unknown: true },
      by: 'eva',
      reason: '',
      at: 9,
    } as const;
    await stores.bulkActions.open(order, 2);
    await stores.bulkActions.start('r');
    const [found] = await stores.failures.causes('ended');
    const cause = found?.cause.id ?? '';
    const records = await stores.failures.find('ended', cause, ['ended-1', 'ended-2']);
    for (const [index, record] of records.entries()) {
      const at = index === 0 ? LONG_AGO : NOW - DAY;
      await stores.failureActions.discard(
        'ended',
        record,
        { cause, bulkAction: 'r' },
        { by: 'eva', reason: 'x', at },
      );
    }
    expect((await sweep()).erased).toBe(1);
    const left: string[] = [];
    for await (const page of stores.failures.discardedPages('ended'))
      left.push(...page.map((record) => ('job' in record ? record.job.id : '')));
    expect(left).toEqual(['ended-2']);
  });

  it('skips the parked jobs of a campaign stopped long ago', async () => {
    const { stores, plant, sweep } = await open();
    for (const [id, at] of [
      ['long', LONG_AGO],
      ['lately', NOW - DAY],
    ] as const) {
      await plant(id, 3, []);
      await stores.campaignSwitch.halt(id, 'stopped', { kind: 'operator', at, ...testAction });
      await stores.parked.park(makeQueued(1, { id: `${id}-1`, campaign: id }));
    }
    expect((await sweep()).erased).toBe(1);
    const found = (id: string) => stores.campaigns.find(id);
    expect(await found('long')).toMatchObject({
      skipped: 1,
      skippedFor: { forgotten: 1 },
      stopped: 0,
      parked: 0,
    });
    expect(await found('lately')).toMatchObject({ skipped: 0, stopped: 1, parked: 1 });
  });

  it('stops at its bound, continues where the last run ended, and starts over after the last campaign', async () => {
    const { plant, kept, sweep } = await open();
    for (const id of ['a', 'b', 'c']) await plant(id, 2, [LONG_AGO, LONG_AGO]);
    expect(await sweep({ max: 3 })).toEqual({ erased: 4, next: 2 });
    expect([await kept('a'), await kept('b'), await kept('c')]).toEqual([0, 0, 2]);
    expect(await sweep({ from: 2 })).toEqual({ erased: 2, next: 3 });
    expect(await sweep({ from: 3 })).toEqual({ erased: 0, next: 3 });
  });
});
