/**
 * Bloomreach's `from_timestamp` filter: Python's `strftime` in UTC and the C locale, with glibc's
 * padding flags (`%-d`, `%_H`). Unsupported directives are refused instead of printed.
 */

import { timeFormatLocale } from 'd3-time-format';
import { DateTime } from 'luxon';
import { makeLru } from '../../kit/lru.ts';
import { badCall, badValue, value, type Call } from './call.ts';

/** Our choice: Bloomreach's default is not documented. */
const DEFAULT_FORMAT = '%Y-%m-%d %H:%M:%S';

/** Characters of a format and of a time. Longer ones take too long to parse. */
const MAX_LENGTH = 500;

const MAX_YEAR = 9999;

/** Compiled formats kept; a programs file uses a few. */
const MAX_FORMATS = 100;

const cLocale = timeFormatLocale({
  dateTime: '%a %b %e %H:%M:%S %Y',
  date: '%m/%d/%y',
  time: '%H:%M:%S',
  periods: ['AM', 'PM'],
  days: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  shortDays: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  months: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  shortMonths: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
});

/** Directives that d3 lacks or interprets unlike Python, expressed in directives that both share. */
const rewritten: Readonly<Record<string, string>> = {
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  h: '%b',
  k: '%_H',
  l: '%_I',
  n: '\n',
  t: '\t',
  z: '+0000',
  Z: 'UTC',
};

const shared = new Set('aAbBcdefgGHIjmMpsSuUVwWxXyY%');

/** Formats an instant. */
export type Strftime = (instant: Date) => string;

/** Compiles a format, or returns the directive that is not supported. */
export function compileStrftime(format: string): Strftime | { unknownDirective: string } {
  let unknownDirective: string | undefined;
  const pattern = format.replace(/%([-_0]?)([\s\S]|$)/g, (directive, flag: string, letter: string) => {
    if (shared.has(letter)) return directive;
    const other = rewritten[letter];
    if (other === undefined || flag !== '') unknownDirective ??= directive;
    return other ?? '';
  });
  return unknownDirective === undefined ? cLocale.utcFormat(pattern) : { unknownDirective };
}

/**
 * Makes the filter `time | from_timestamp('%d-%m-%Y')`. The time is unix seconds (whole, fractional
 * or as text) or an ISO 8601 text, in UTC unless the text has an offset.
 */
export function makeFromTimestamp(): Call {
  const compiled = makeLru<string, Strftime>(MAX_FORMATS);
  return ({ positional: [instant, format = DEFAULT_FORMAT, ...rest], named }) => {
    if (typeof format !== 'string' || rest.length > 0 || Object.keys(named).length > 0) {
      return badCall("from_timestamp takes one format, e.g. from_timestamp('%d-%m-%Y')");
    }
    if (format.length > MAX_LENGTH)
      return badCall(`from_timestamp takes a format of at most ${MAX_LENGTH} characters`);
    // `US` is no zone here: it would be printed as it is.
    if (!format.includes('%'))
      return badCall("from_timestamp needs a format with directives, e.g. from_timestamp('%d-%m-%Y')");
    let print = compiled.get(format);
    if (print === undefined) {
      const fresh = compileStrftime(format);
      if (typeof fresh !== 'function') {
        return badCall(`from_timestamp does not support ${fresh.unknownDirective}`);
      }
      compiled.set(format, (print = fresh));
    }
    const date = new Date(toMilliseconds(instant));
    if (Number.isNaN(date.getTime()))
      return badValue('from_timestamp needs unix seconds or an ISO 8601 time');
    const year = date.getUTCFullYear();
    // Python has no other years.
    if (year >= 1 && year <= MAX_YEAR) return value(print(date));
    return badValue(
      year > MAX_YEAR
        ? 'from_timestamp was given a time after the year 9999: milliseconds must be divided by 1000'
        : 'from_timestamp was given a time before the year 1',
    );
  };
}

function toMilliseconds(instant: unknown): number {
  if (typeof instant === 'number') return instant * 1000;
  if (typeof instant !== 'string' || instant.length > MAX_LENGTH || instant.trim() === '') return Number.NaN;
  const seconds = Number(instant);
  return Number.isNaN(seconds) ? DateTime.fromISO(instant, { zone: 'utc' }).toMillis() : seconds * 1000;
}
