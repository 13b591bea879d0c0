/**
 * Due times of a cron expression in a time zone. The cron library only evaluates the pattern, in UTC, where
 * no clock changes; this file decides what happens to wall times on days of a clock change, because the
 * library's own results there depend on the moment from which it searches.
 */

import { CronExpressionParser } from 'cron-parser';
import { isZone } from '../campaigns/safeguards/quiet-hours.ts';
import { makeWallClock } from './wall-clock.ts';

/** All times are instants in milliseconds since 1970. */
export interface Cron {
  /** Returns the first due time after an instant. */
  after(instant: number): number;
  /** Returns the due times after `from` up to and including `to`, at most the first `max` of them. */
  between(from: number, to: number, max: number): number[];
  /** Returns the last due time after `from` up to and including `to`; undefined if there is none. */
  latest(from: number, to: number): number | undefined;
}

export type ParsedCron = { ok: true; cron: Cron } | { ok: false; problem: string };

const FIELDS = ['minute', 'hour', 'day of month', 'month', 'weekday'] as const;

/** The largest step that still selects a second value, by field. */
const MAX_STEPS = [59, 23, 30, 11, 6];

/** Upper bound for a single clock change. */
const CHANGE_MS = 3 * 60 * 60_000;

const HOUR_MS = 60 * 60_000;

/** Any start works to check whether a pattern ever comes due. */
const ANY_DAY = Date.UTC(2024, 0, 1);

/**
 * Parses five fields, such as `30 2 * * *`. An expression with certain hours is due once for each wall time
 * that it names: at the first instant if the clock shows the time twice, and as if the clock had not been set
 * forward if it is skipped. An expression for every hour follows real time. Two wall times at one instant are
 * one due time.
 */
export function parseCron(expression: string, timeZone: string): ParsedCron {
  if (!isZone(timeZone))
    return { ok: false, problem: `there is no time zone ${timeZone}, e.g. Europe/Prague` };
  const problem = problemOf(expression);
  if (problem !== undefined) return { ok: false, problem };
  try {
    const isHourly = CronExpressionParser.parse(expression).fields.hour.values.length === 24;
    wallTimes(expression, ANY_DAY).next();
    return { ok: true, cron: makeCron(expression, isHourly, timeZone) };
  } catch (error) {
    return { ok: false, problem: explain(error instanceof Error ? error.message : '') };
  }
}

/** Yields the wall times of an expression after one of them, without end. Throws if there is none. */
function* wallTimes(expression: string, after: number): Generator<number, never> {
  const pattern = CronExpressionParser.parse(expression, { tz: 'UTC', currentDate: new Date(after) });
  for (;;) yield pattern.next().getTime();
}

function makeCron(expression: string, isHourly: boolean, timeZone: string): Cron {
  const clock = makeWallClock(timeZone);

  const instantsOf = (wall: number): number[] => {
    const instants = clock.instants(wall);
    return isHourly ? instants : [instants[0] ?? clock.asIfUnchanged(wall)];
  };

  /** Yields the due times after an instant in order. Instants and wall times differ in order by one clock change at most. */
  function* dueAfter(instant: number): Generator<number, never> {
    let last = instant;
    let pending: number[] = [];
    for (const wall of wallTimes(expression, clock.at(instant) - CHANGE_MS)) {
      while (pending[0] !== undefined && clock.at(pending[0]) + CHANGE_MS < wall) {
        const [due, ...later] = pending;
        pending = later;
        if (due > last) yield (last = due);
      }
      pending = [...pending, ...instantsOf(wall)].toSorted((a, b) => a - b);
    }
    throw new Error('wall times do not end');
  }

  const between = (from: number, to: number, max: number): number[] => {
    const found: number[] = [];
    for (const due of dueAfter(from)) {
      if (due > to || found.length === max) break;
      found.push(due);
    }
    return found;
  };

  // Called every second; the result stays the same until the due time has passed.
  let cached = { from: Infinity, due: -Infinity };
  const after = (instant: number): number => {
    if (instant < cached.from || instant >= cached.due) {
      cached = { from: instant, due: dueAfter(instant).next().value };
    }
    return cached.due;
  };

  return {
    after,
    between,
    latest(from, to) {
      if (after(from) > to) return undefined;
      // Growing spans, so that neither a dense nor a sparse pattern takes many steps.
      for (let span = HOUR_MS; ; span *= 24) {
        const start = Math.max(from, to - span);
        const last = between(start, to, Infinity).at(-1);
        if (last !== undefined || start === from) return last;
      }
    },
  };
}

/** Returns what is wrong with the expression before the library parses it. */
function problemOf(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length === 6) return 'has six fields: seconds are not supported, so omit the first field';
  if (fields.length !== FIELDS.length) return `must be five fields, ${FIELDS.join(', ')}, e.g. 30 2 * * *`;
  // The library would replace H by a random number, a different one in each process.
  const invalid = fields.find(
    (field) => !field.split(/[\d*,/#-]+/).every((word) => /^(?:L|[A-GI-Z]{3}L?)?$/i.test(word)),
  );
  if (invalid !== undefined) return `cannot be parsed at ${invalid.slice(0, 20)}`;
  const tooFar = fields.findIndex((field, index) =>
    field.split(',').some((part) => Number(part.split('/')[1] ?? 0) > (MAX_STEPS[index] ?? 0)),
  );
  if (tooFar === -1) return undefined;
  return `has a step larger than a ${FIELDS[tooFar]} allows at ${fields[tooFar]?.slice(0, 20)}: it would not be due at such intervals`;
}

function explain(message: string): string {
  if (/explicit day of month|loop limit/.test(message))
    return 'never comes due: no month that it names has such a day';
  return `cannot be parsed: ${message.replace(/^Invalid cron expression, /, '')}`;
}
