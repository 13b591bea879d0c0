/** What the ledger takes of schedules, and what it does not: the word of a process that is late. */

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
  standsFor: 0,
});
const run = (due = 1000): ScheduleRun => ({ due, cause: 'due', at: due, result: 'started' });
const first = { last: undefined, replaces: false, answers: false };

async function decided(...ids: string[]) {
  const stores = open();
  for (const id of ids) {
    await stores.ledger.decide('s', await stores.ledger.find('s'), { dueRun: dueRun(id) });
  }
  return stores;
}

describe('a decision', () => {
  it('is taken once of the same state', async () => {
    const { ledger } = open();
    const seen = await ledger.find('s');
    expect(await ledger.decide('s', seen, { through: 1000, dueRun: dueRun('a') })).toBe(true);
    expect(await ledger.decide('s', seen, { through: 500, run: run(), dueRun: dueRun('b') })).toBe(false);
    expect(await ledger.find('s')).toMatchObject({ version: seen.version + 1, through: 1000 });
    expect(await ledger.dueRuns()).toEqual([dueRun('a')]);
    expect(await ledger.runs('s')).toEqual([]);
  });

  it('is not taken after the schedule was switched off', async () => {
    const { ledger } = open();
    const seen = await ledger.find('s');
    await ledger.switch('s', { enabled: false, by: 'Iva', at: 900, reason: '' });
    expect(await ledger.decide('s', seen, { through: 1000, dueRun: dueRun('a') })).toBe(false);
  });

  it('says what is left to be asked', async () => {
    const { ledger } = open();
    const ask = { count: 2, first: 1, last: 2 };
    await ledger.decide('s', await ledger.find('s'), { ask });
    expect((await ledger.find('s')).ask).toEqual(ask);
    await ledger.decide('s', await ledger.find('s'), {});
    expect((await ledger.find('s')).ask).toBeUndefined();
  });
});

describe('reckoning anew', () => {
  it('begins once by the same words, and never before what is decided', async () => {
    const { ledger } = open();
    await ledger.adopt('s', 'hourly', 1000);
    await ledger.adopt('s', 'hourly', 2000);
    expect(await ledger.find('s')).toMatchObject({ timing: 'hourly', through: 1000 });
    await ledger.adopt('s', 'daily', 900);
    expect(await ledger.find('s')).toMatchObject({ timing: 'daily', through: 1000 });
  });
});

describe('a firing', () => {
  it('is begun by one', async () => {
    const { ledger, campaigns } = await decided('a');
    expect(await ledger.start(dueRun('a'), makeOrder('a'), run(), first)).toBe('started');
    expect(await ledger.start(dueRun('a'), makeOrder('a'), run(), { ...first, last: 'a' })).toBe('gone');
    expect(await campaigns.find('a')).toMatchObject({ status: 'running' });
    expect(await ledger.runs('s')).toHaveLength(1);
  });

  it('is not begun once it was dismissed, nor dismissed once it was begun', async () => {
    const { ledger, campaigns } = await decided('a', 'b');
    expect(await ledger.dismiss(dueRun('a'), run())).toBe(true);
    expect(await ledger.start(dueRun('a'), makeOrder('a'), run(), first)).toBe('gone');
    expect(await campaigns.find('a')).toBeUndefined();
    expect(await ledger.start(dueRun('b'), makeOrder('b'), run(), first)).toBe('started');
    expect(await ledger.dismiss(dueRun('b'), run())).toBe(false);
    expect(await ledger.runs('s')).toHaveLength(2);
  });

  it('is judged again where another run has begun since', async () => {
    const { ledger, campaigns } = await decided('a', 'b', 'c');
    await ledger.start(dueRun('a'), makeOrder('a'), run(), first);
    expect(await ledger.start(dueRun('b'), makeOrder('b'), run(), first)).toBe('changed');
    expect(await campaigns.find('b')).toBeUndefined();
    expect(
      await ledger.start(dueRun('b'), makeOrder('b'), run(), { last: 'a', replaces: true, answers: false }),
    ).toBe('started');
    // The one that was replaced has to be stopped first.
    expect(
      await ledger.start(dueRun('c'), makeOrder('c'), run(), { last: 'b', replaces: true, answers: false }),
    ).toBe('changed');
    await ledger.markReplaced('s', 'a');
    expect(
      await ledger.start(dueRun('c'), makeOrder('c'), run(), { last: 'b', replaces: true, answers: false }),
    ).toBe('started');
    expect((await ledger.find('s')).replacing).toBe('b');
  });
});

describe('a question', () => {
  it('stays until the run that answers it has begun, and does not come back by an old decision', async () => {
    const { ledger } = open();
    const ask = { count: 2, first: 1, last: 2 };
    await ledger.decide('s', await ledger.find('s'), { ask, dueRun: dueRun('a') });
    const seen = await ledger.find('s');
    expect(seen.ask).toEqual(ask);
    await ledger.start(dueRun('a'), makeOrder('a'), run(), { ...first, answers: true });
    expect(await ledger.decide('s', seen, { ask })).toBe(false);
    expect((await ledger.find('s')).ask).toBeUndefined();
  });
});

describe('the list of runs', () => {
  it('keeps the last hundred', async () => {
    const { ledger } = open();
    for (let due = 1; due <= 105; due += 1) {
      await ledger.decide('s', await ledger.find('s'), { run: run(due) });
    }
    const runs = await ledger.runs('s');
    expect([runs.length, runs[0]?.due, runs.at(-1)?.due]).toEqual([100, 105, 6]);
  });
});
