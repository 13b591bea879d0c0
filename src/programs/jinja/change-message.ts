/**
 * `change_message()`: what the guide's twenty-line snippet works out, in one call. It is the wall
 * clock in Prague seven calendar days after the render's `time`; unlike the snippet's own daylight
 * saving rule it is right in the few hours around a clock change too.
 */

import { DateTime } from 'luxon';
import { badCall, badValue, value, type Call } from './dialect.ts';

const PARAMETERS = ['zone', 'days', 'format'] as const;

/** `change_message(zone='Europe/Prague', days=7, format='dd-MM-yyyy HH:mm:ss')`; the format is Luxon's. */
export const changeMessage: Call = ({ positional, named }, { time }) => {
  const unknown = Object.keys(named).find((name) => !PARAMETERS.some((known) => known === name));
  if (unknown !== undefined || positional.length > PARAMETERS.length) {
    return badCall(
      `change_message takes ${PARAMETERS.join(', ')}${unknown === undefined ? '' : `, not ${unknown}`}`,
    );
  }
  const [zone, days, format] = PARAMETERS.map((name, place) => named[name] ?? positional[place]);
  if (typeof time !== 'number') return badValue('change_message needs `time`');
  return shiftedWallClock(time, zone ?? 'Europe/Prague', days ?? 7, format ?? 'dd-MM-yyyy HH:mm:ss');
};

function shiftedWallClock(time: number, zone: unknown, days: unknown, format: unknown) {
  if (typeof zone !== 'string' || typeof format !== 'string' || !Number.isInteger(days)) {
    return badCall('change_message needs a zone name, a whole number of days and a format');
  }
  const start = DateTime.fromSeconds(time, { zone, locale: 'en' });
  if (!start.isValid) return badCall(`change_message does not know the time zone ${zone}`);
  return value(start.plus({ days: Number(days) }).toFormat(format));
}
