/** Decisions about due times, with a clock controlled by the test. */

import { array, assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cron, parseCron } from '../../../src/domain/schedules/cron.ts';
import { type DueRuns, decideDue } from '../../../src/domain/schedules/due-runs.ts';
import type { MissedRule } from '../../../src/domain/schedules/schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function cronOf(expression: string): Cron {
  const read = parseCron(expression, 'Europe/Prague');
  if (!read.ok) throw new Error(read.problem);
  return read.cron;
}

const make = (expression: string, missed: MissedRule = 'run-once') => ({
  name: 'nightly',
  cron: cronOf(expression),
  missed,
  startWithinMs: 10 * MINUTE,
});

/** Decides at each of the moments in turn, as a sequence of processes does. */
function decideAt(schedule: ReturnType<typeof make>, from: number, moments: readonly number[]): DueRuns[] {
  let through = from;
  return moments.flatMap((now) => {
    const found = decideDue(schedule, through, now);
    through = found?.through ?? through;
    return found === undefined ? [] : [found];
  });
}

const everySecond = (from: number, to: number) =>
  Array.from({ length: (to - from) / 1000 }, (_, index) => from + (index + 1) * 1000);

const startedIds = (found: readonly DueRuns[]) =>
  found.flatMap(({ dueRun }) => (dueRun === undefined ? [] : [dueRun.id]));

describe('decided every second', () => {
  it.each([
    ['when clocks go forward', '2027-03-28T00:00Z', ['nightly-20270328T013000Z']],
    ['when clocks go back', '2027-10-31T00:00Z', ['nightly-20271031T003000Z']],
  ])('02:30 starts one run in the night %s', (_, from, ids) => {
    const start = Date.parse(from);
    expect(startedIds(decideAt(make('30 2 * * *'), start, everySecond(start, start + 4 * HOUR)))).toEqual(
      ids,
    );
  });

  it.each(['2027-03-28T00:00Z', '2027-10-31T00:00Z'])(
    'each half hour starts a run with its own id: %s',
    (from) => {
      const start = Date.parse(from);
      const ids = startedIds(decideAt(make('*/30 * * * *'), start, everySecond(start, start + 4 * HOUR)));
      expect(ids).toHaveLength(8);
      expect(new Set(ids).size).toBe(8);
    },
  );
});

describe('after six hours down', () => {
  const from = Date.parse('2027-06-01T00:00Z');
  const back = from + 6 * HOUR + 20 * MINUTE;
  /** 06:00 UTC is twenty minutes ago, too late to be on time. */
  const hourly = (rule: MissedRule) => decideDue(make('0 * * * *', rule), from, back);

  it('run-once starts one run for all', () => {
    expect(hourly('run-once')).toEqual({
      through: from + 6 * HOUR,
      dueRun: {
        id: 'nightly-20270601T060000Z',
        schedule: 'nightly',
        due: from + 6 * HOUR,
        cause: 'missed',
        at: back,
        makesUpFor: 5,
      },
    });
  });

  it('skip starts none and notes how many were missed', () => {
    const found = hourly('skip');
    expect(found?.dueRun).toBeUndefined();
    expect(found?.missed).toMatchObject({
      due: from + 6 * HOUR,
      result: 'missed',
      note: expect.stringContaining('6 runs') as string,
    });
  });

  it('ask starts none and leaves them undecided', () => {
    expect(hourly('ask')).toEqual({
      through: from + 6 * HOUR,
      undecided: { count: 6, first: from + HOUR, last: from + 6 * HOUR },
    });
  });

  it.each([
    ['run-once', { dueRun: { cause: 'due', makesUpFor: 5 } }],
    ['skip', { dueRun: { cause: 'due', makesUpFor: 0 }, missed: { due: from + 5 * HOUR } }],
    ['ask', { dueRun: { cause: 'due', makesUpFor: 0 }, undecided: { count: 5, last: from + 5 * HOUR } }],
  ] as const)('the last one, when it is on time, is fired by %s', (rule, expected) => {
    expect(decideDue(make('0 * * * *', rule), from, from + 6 * HOUR + 9 * MINUTE)).toMatchObject(expected);
  });

  it('decides each due time once', () => {
    const once = decideDue(make('0 * * * *'), from, back);
    expect(decideDue(make('0 * * * *'), once?.through ?? 0, back + MINUTE)).toBeUndefined();
  });
});

describe('a downtime of years', () => {
  it('is decided quickly and counts at most 1,000 runs', () => {
    const found = decideDue(
      make('* * * * *', 'ask'),
      Date.parse('2020-01-01T00:00Z'),
      Date.parse('2027-01-01T00:30:30Z'),
    );
    expect(found?.undecided).toEqual({
      count: 1000,
      first: Date.parse('2020-01-01T00:01Z'),
      last: Date.parse('2027-01-01T00:30Z'),
    });
  });
});

describe('at any sequence of moments', () => {
  it('each due time is covered by exactly one decision', () => {
    const from = Date.parse('2027-10-30T20:00Z');
    const gaps = array(integer({ min: 0, max: 3 * HOUR }), { minLength: 1, maxLength: 20 });
    assert(
      property(gaps, constantFrom<MissedRule>('run-once', 'ask'), (steps, rule) => {
        const moments: number[] = [];
        for (const step of steps) moments.push((moments.at(-1) ?? from) + step);
        const schedule = make('*/20 * * * *', rule);
        const found = decideAt(schedule, from, moments);
        const decided = found.reduce(
          (sum, { dueRun, undecided }) =>
            sum + (undecided?.count ?? 0) + (dueRun === undefined ? 0 : 1 + dueRun.makesUpFor),
          0,
        );
        expect(decided).toBe(schedule.cron.between(from, moments.at(-1) ?? from, 10_000).length);
        expect(new Set(startedIds(found)).size).toBe(startedIds(found).length);
      }),
      { numRuns: 50 },
    );
  });
});
