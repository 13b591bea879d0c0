/** Due times on days of a clock change, in Prague and elsewhere. */

import { CronExpression } from 'cron-parser';
import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Cron, parseCron } from '../../../src/domain/schedules/cron.ts';

const HOUR = 3_600_000;
/** 02:00 becomes 03:00 at 01:00 UTC. */
const spring = { from: Date.parse('2027-03-27T12:00Z'), to: Date.parse('2027-03-29T12:00Z') };
/** 03:00 becomes 02:00 at 01:00 UTC. */
const autumn = { from: Date.parse('2027-10-30T12:00Z'), to: Date.parse('2027-11-01T12:00Z') };

function cronOf(expression: string, zone = 'Europe/Prague'): Cron {
  const read = parseCron(expression, zone);
  if (!read.ok) throw new Error(read.problem);
  return read.cron;
}

const dueIn = (expression: string, { from, to }: { from: number; to: number }) =>
  cronOf(expression)
    .between(from, to, 1000)
    .map((due) => new Date(due).toISOString().slice(5, 16));

describe('in the night when clocks go forward', () => {
  it.each([
    ['30 2 * * *', ['03-28T01:30', '03-29T00:30']],
    ['0 2 * * *', ['03-28T01:00', '03-29T00:00']],
    // 02:30 and 03:30 are one instant that night.
    ['30 2,3 * * *', ['03-28T01:30', '03-29T00:30', '03-29T01:30']],
    ['0,30 2 * * *', ['03-28T01:00', '03-28T01:30', '03-29T00:00', '03-29T00:30']],
    ['15 2-22/20 * * *', ['03-27T21:15', '03-28T01:15', '03-28T20:15', '03-29T00:15']],
  ])('%s', (expression, due) => {
    expect(dueIn(expression, spring)).toEqual(due);
  });
});

describe('in the night when clocks go back', () => {
  it.each([
    ['30 2 * * *', ['10-31T00:30', '11-01T01:30']],
    ['0 3 * * *', ['10-31T02:00', '11-01T02:00']],
    ['0,30 2 * * *', ['10-31T00:00', '10-31T00:30', '11-01T01:00', '11-01T01:30']],
  ])('%s', (expression, due) => {
    expect(dueIn(expression, autumn)).toEqual(due);
  });
});

describe('every half hour', () => {
  it.each([
    ['in spring', spring],
    ['in autumn', autumn],
  ])('is every half hour of real time, %s', (_, { from, to }) => {
    const due = cronOf('*/30 * * * *').between(from, to, 1000);
    expect(due).toEqual(Array.from({ length: 96 }, (_entry, index) => from + ((index + 1) * HOUR) / 2));
  });
});

describe('a due time', () => {
  const nights = [
    ['Europe/Prague', spring.from],
    ['Europe/Prague', autumn.from],
    ['Australia/Lord_Howe', Date.parse('2027-04-03T00:00Z')],
    ['Australia/Lord_Howe', Date.parse('2027-10-02T00:00Z')],
    ['America/Santiago', Date.parse('2027-09-04T12:00Z')],
    ['America/New_York', Date.parse('2027-11-07T00:00Z')],
    ['Antarctica/Troll', Date.parse('2027-03-27T12:00Z')],
  ] as const;
  const expressions = [
    '30 2 * * *',
    '*/20 1-3 * * *',
    '15 */2 * * *',
    '0 0 * * *',
    '*/30 * * * *',
    '0,30 2 * * *',
  ];

  it('does not depend on the moment of the query', () => {
    assert(
      property(
        constantFrom(...nights),
        constantFrom(...expressions),
        integer({ min: 0, max: 40 * HOUR }),
        ([zone, from], expression, offset) => {
          const cron = cronOf(expression, zone);
          const all = cron.between(from, from + 100 * HOUR, 1000);
          const instant = from + offset;
          expect(cron.after(instant)).toBe(all.find((due) => due > instant));
          expect(cron.latest(from, instant)).toBe(all.findLast((due) => due <= instant));
          expect(all).toEqual([...new Set(all)].toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('years away is found', () => {
    const cron = cronOf('0 12 29 2 *');
    const from = Date.parse('2096-03-01T00:00Z');
    expect(new Date(cron.after(from)).toISOString()).toBe('2104-02-29T11:00:00.000Z');
    expect(cron.latest(Date.parse('2025-01-01T00:00Z'), Date.parse('2032-01-01T00:00Z'))).toBe(
      Date.parse('2028-02-29T11:00Z'),
    );
  });

  it('before a long downtime is found in few steps', () => {
    const steps = vi.spyOn(CronExpression.prototype, 'next');
    onTestFinished(() => steps.mockRestore());
    const to = Date.parse('2027-06-01T00:00:30Z');
    expect(cronOf('* * * * *').latest(Date.parse('2020-01-01T00:00Z'), to)).toBe(to - 30_000);
    // Of 3.9 million minutes, those of a few hours are looked at.
    expect(steps.mock.calls.length).toBeGreaterThan(0);
    expect(steps.mock.calls.length).toBeLessThan(2000);
  });
});

describe('an invalid expression', () => {
  it.each([
    ['* * * * * *', 'has six fields: seconds are not supported'],
    ['30 2', 'must be five fields, minute, hour, day of month, month, weekday, e.g. 30 2 * * *'],
    ['', 'must be five fields'],
    ['@daily', 'must be five fields'],
    ['H 2 * * *', 'cannot be parsed at H'],
    ['61 * * * *', 'cannot be parsed: '],
    ['0 0 30 2 *', 'never comes due'],
    ['0 0 31 4,6 *', 'never comes due'],
    ['*/90 * * * *', 'has a step larger than a minute allows at */90'],
    ['0 */0 * * *', 'cannot be parsed: '],
    [`${'1,'.repeat(100_000)}1 * * * *`, 'too long'],
  ])('is refused: %.20s', (expression, problem) => {
    expect(parseCron(expression, 'Europe/Prague')).toEqual({
      ok: false,
      problem: expect.stringContaining(problem) as string,
    });
  });

  it('is refused for its time zone', () => {
    expect(parseCron('0 0 * * *', 'Mars/Olympus')).toMatchObject({
      problem: expect.stringContaining('Mars/Olympus') as string,
    });
  });
});
