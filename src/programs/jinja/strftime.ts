/**
 * Python's `strftime` in UTC, as Bloomreach's `from_timestamp` has it: the C locale, with glibc's
 * padding flags (`%-d`, `%_H`). Directives that no one here can honour are refused, not printed.
 */

import { timeFormatLocale } from 'd3-time-format';

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

/** Directives that d3 lacks or reads otherwise than Python, in terms of those they share. */
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

/** Formats a moment. */
export type Strftime = (moment: Date) => string;

/** Compiles a format, or says which directive it cannot honour. */
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
