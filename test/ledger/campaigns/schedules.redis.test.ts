/** Decisions and starts of schedules in a real Redis, with processes that are too late. */

import { describe, expect, it } from 'vitest';
import type { DueRun, ScheduleRun } from '../../../src/domain/schedules/schedule.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeScheduleLedger } from '../../../src/ledger/campaigns/schedules.ts';
import { makeOrder } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

function open() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  return { ledger: makeScheduleLedger(redis, keys), campaigns: makeCampaignLedger(redis, keys) };
}

const dueRun = (id: string, due = 1000): DueRun => ({
  id,
  schedule: 's',
  due,
  cause: 'due',
  at: due,
  makesUpFor: 0,
});
const run = (due = 1000): ScheduleRun => ({ due, cause: 'due', at: due, result: 'started' });
const first = { run: run(), last: undefined, replaces: false, settlesMissed: false };

async function openWithDueRuns(...ids: string[]) {
  const stores = open();
  for (const id of ids) {
    await stores.ledger.decide('s', await stores.ledger.find('s'), { dueRun: dueRun(id) });
  }
  return stores;
}

describe('a decision', () => {
  it('is accepted once for the same state', async () => {
    const { ledger } = open();
    const seen = await ledger.find('s');
    expect(await ledger.decide('s', seen, { through: 1000, dueRun: dueRun('a') })).toBe(true);
    expect(await ledger.decide('s', seen, { through: 500, run: run(), dueRun: dueRun('b') })).toBe(false);
    expect(await ledger.find('s')).toMatchObject({ version: seen.version + 1, through: 1000 });
    expect(await ledger.dueRuns()).toEqual([dueRun('a')]);
    expect(await ledger.runs('s')).toEqual([]);
  });

  it('is rejected after the schedule was disabled', async () => {
    const { ledger } = open();
    const seen = await ledger.find('s');
    await ledger.switch('s', { enabled: false, by: 'Iva', at: 900, reason: '' });
    expect(await ledger.decide('s', seen, { through: 1000, dueRun: dueRun('a') })).toBe(false);
  });

  it('stores the missed runs that an operator has to decide on', async () => {
    const { ledger } = open();
    const undecided = { count: 2, first: 1, last: 2 };
    await ledger.decide('s', await ledger.find('s'), { undecided });
    expect((await ledger.find('s')).undecided).toEqual(undecided);
    await ledger.decide('s', await ledger.find('s'), {});
    expect((await ledger.find('s')).undecided).toBeUndefined();
  });
});

describe('a change of the timing', () => {
  it('takes effect once, and never moves the decided time back', async () => {
    const { ledger } = open();
    await ledger.adopt('s', 'hourly', 1000);
    await ledger.adopt('s', 'hourly', 2000);
    expect(await ledger.find('s')).toMatchObject({ timing: 'hourly', through: 1000 });
    await ledger.adopt('s', 'daily', 900);
    expect(await ledger.find('s')).toMatchObject({ timing: 'daily', through: 1000 });
  });
});

describe('a due run', () => {
  it('is started once', async () => {
    const { ledger, campaigns } = await openWithDueRuns('a');
    expect(await ledger.start(dueRun('a'), makeOrder('a'), first)).toEqual({ kind: 'started' });
    expect(await ledger.start(dueRun('a'), makeOrder('a'), { ...first, last: 'a' })).toEqual({
      kind: 'gone',
    });
    expect(await campaigns.find('a')).toMatchObject({ status: 'running' });
    expect(await ledger.runs('s')).toHaveLength(1);
  });

  it('is not started after it was dismissed, nor dismissed after it was started', async () => {
    const { ledger, campaigns } = await openWithDueRuns('a', 'b');
    expect(await ledger.dismiss(dueRun('a'), run())).toBe(true);
    expect(await ledger.start(dueRun('a'), makeOrder('a'), first)).toEqual({ kind: 'gone' });
    expect(await campaigns.find('a')).toBeUndefined();
    expect(await ledger.start(dueRun('b'), makeOrder('b'), first)).toEqual({ kind: 'started' });
    expect(await ledger.dismiss(dueRun('b'), run())).toBe(false);
    expect(await ledger.runs('s')).toHaveLength(2);
  });

  it('is not started if another run has started since', async () => {
    const { ledger, campaigns } = await openWithDueRuns('a', 'b', 'c');
    await ledger.start(dueRun('a'), makeOrder('a'), first);
    expect(await ledger.start(dueRun('b'), makeOrder('b'), first)).toEqual({ kind: 'changed' });
    expect(await campaigns.find('b')).toBeUndefined();
    expect(await ledger.start(dueRun('b'), makeOrder('b'), { ...first, last: 'a', replaces: true })).toEqual({
      kind: 'started',
    });
    // The replaced campaign must be stopped first.
    expect(await ledger.start(dueRun('c'), makeOrder('c'), { ...first, last: 'b', replaces: true })).toEqual({
      kind: 'changed',
    });
    await ledger.markReplaced('s', 'a');
    expect(await ledger.start(dueRun('c'), makeOrder('c'), { ...first, last: 'b', replaces: true })).toEqual({
      kind: 'started',
    });
    expect((await ledger.find('s')).replacing).toBe('b');
  });
});

describe('undecided missed runs', () => {
  it('remain until the run that settles them starts, and are not restored by an old decision', async () => {
    const { ledger } = open();
    const undecided = { count: 2, first: 1, last: 2 };
    await ledger.decide('s', await ledger.find('s'), { undecided, dueRun: dueRun('a') });
    const seen = await ledger.find('s');
    expect(seen.undecided).toEqual(undecided);
    await ledger.start(dueRun('a'), makeOrder('a'), { ...first, settlesMissed: true });
    expect(await ledger.decide('s', seen, { undecided })).toBe(false);
    expect((await ledger.find('s')).undecided).toBeUndefined();
  });
});

describe('the list of runs', () => {
  it('keeps the last 100', async () => {
    const { ledger } = open();
    for (let due = 1; due <= 105; due += 1) {
      await ledger.decide('s', await ledger.find('s'), { run: run(due) });
    }
    const runs = await ledger.runs('s');
    expect([runs.length, runs[0]?.due, runs.at(-1)?.due]).toEqual([100, 105, 6]);
  });
});
