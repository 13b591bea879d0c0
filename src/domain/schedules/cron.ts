/**
 * When a cron expression comes due in a time zone. The library knows the pattern only, and is asked
 * in UTC, where no clock changes; what becomes of a wall time on the nights of a clock change is
 * decided here, because its own answers differ with the moment from which it starts to look.
 */

import { CronExpressionParser } from 'cron-parser';
import { isZone } from '../campaigns/quiet-hours.ts';
import { makeWallClock } from './wall-clock.ts';

export interface Cron {
  /** The first due time after an instant; both in milliseconds since 1970. */
  after(instant: number): number;
  /** The due times after `from` up to and with `to`, the first so many of them. */
  between(from: number, to: number, most: number): number[];
  /** The last due time after `from` up to and with `to`, if there is one. */
  latest(from: number, to: number): number | undefined;
}

export type ReadCron = { ok: true; cron: Cron } | { ok: false; problem: string };

const FIELDS = ['minute', 'hour', 'day of month', 'month', 'weekday'] as const;

/** The largest step that leads anywhere, by field. */
const LARGEST_STEPS = [59, 23, 30, 11, 6];

/** More than any clock is put back or forward at once. */
const CHANGE_MS = 3 * 60 * 60_000;

const HOUR_MS = 60 * 60_000;

/** Somewhere to begin: whether a pattern ever comes due does not depend on it. */
const ANY_DAY = Date.UTC(2024, 0, 1);

/**
 * Reads five fields, as `30 2 * * *`. An expression that names certain hours comes due once for each
 * wall time that it names: at the first where a clock shows it twice, and as much later as the clock
 * is put forward where it is left out. One that names every hour goes by real time. Two names for
 * one instant are one due time.
 */
export function readCron(expression: string, timeZone: string): ReadCron {
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

/** The wall times that an expression names after one of them, for ever. Throws where there is none. */
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

  /** The due times after an instant, in order. Instants are out of the order of their wall times by one clock change at most. */
  function* dueAfter(instant: number): Generator<number, never> {
    let last = instant;
    let near: number[] = [];
    for (const wall of wallTimes(expression, clock.at(instant) - CHANGE_MS)) {
      while (near[0] !== undefined && clock.at(near[0]) + CHANGE_MS < wall) {
        const [due, ...later] = near;
        near = later;
        if (due > last) yield (last = due);
      }
      near = [...near, ...instantsOf(wall)].toSorted((a, b) => a - b);
    }
    throw new Error('wall times do not end');
  }

  const between = (from: number, to: number, most: number): number[] => {
    const found: number[] = [];
    for (const due of dueAfter(from)) {
      if (due > to || found.length === most) break;
      found.push(due);
    }
    return found;
  };

  // Somebody asks every second, and the answer stays the same until it has come.
  let known = { from: Infinity, due: -Infinity };
  const after = (instant: number): number => {
    if (instant < known.from || instant >= known.due) {
      known = { from: instant, due: dueAfter(instant).next().value };
    }
    return known.due;
  };

  return {
    after,
    between,
    latest(from, to) {
      if (after(from) > to) return undefined;
      // Wider and wider, so that neither a dense nor a sparse pattern takes many steps.
      for (let span = HOUR_MS; ; span *= 24) {
        const start = Math.max(from, to - span);
        const last = between(start, to, Infinity).at(-1);
        if (last !== undefined || start === from) return last;
      }
    },
  };
}

/** What is wrong with the text by itself. */
function problemOf(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length === 6) return 'has six fields: seconds are not taken, so leave the first one out';
  if (fields.length !== FIELDS.length) return `must be five fields, ${FIELDS.join(', ')}, e.g. 30 2 * * *`;
  // The library would put a random number in place of H, another one wherever it is read.
  const strange = fields.find((field) => !/^[\d*,/#L-]*([A-GI-Z]{3}[\d*,/#L-]*)*$/i.test(field));
  if (strange !== undefined) return `cannot be read at ${strange.slice(0, 20)}`;
  const tooFar = fields.findIndex((field, place) =>
    field.split(',').some((part) => Number(part.split('/')[1] ?? 0) > (LARGEST_STEPS[place] ?? 0)),
  );
  if (tooFar === -1) return undefined;
  return `steps further than a ${FIELDS[tooFar]} goes at ${fields[tooFar]?.slice(0, 20)}: it would not come due at such intervals`;
}

function explain(message: string): string {
  if (/explicit day of month|loop limit/.test(message))
    return 'never comes due: no month that it names has such a day';
  return `cannot be read: ${message.replace(/^Invalid cron expression, /, '')}`;
}
