/** The two Jinja dialects: Jinja2 with Bloomreach's filters and `change_message()`, and that of conditions. */

import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import { parseExactJson } from '../../kit/json/exact-json.ts';
import { badCall, badValue, value, type Call } from './call.ts';
import { makeFromTimestamp } from './from-timestamp.ts';
import { strictNumbers } from './library/strict-numbers.ts';
import { makeRenderer } from './renderer.ts';

const HASHES = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

/** `customer.preferences | from_json`: parses a JSON text. A whole number beyond 2^53 becomes a text of its digits. */
const fromJson: Call = ({ positional: [text] }) => {
  if (typeof text !== 'string') return badValue('from_json needs a JSON text');
  try {
    return value(withoutNulls(parseExactJson(text)));
  } catch {
    return badValue('from_json was given a text that is not JSON');
  }
};

/** `customer.email | hash('sha256')`: hexadecimal digest of the UTF-8 text; sha256 by default. */
const hash: Call = ({ positional: [text, algorithm = 'sha256'] }) => {
  if (typeof algorithm !== 'string' || !HASHES.includes(algorithm)) {
    return badCall(`hash supports ${HASHES.join(', ')}`);
  }
  if (typeof text !== 'string' && typeof text !== 'number') return badValue('hash needs a text');
  return value(createHash(algorithm).update(String(text)).digest('hex'));
};

/** Characters. Longer ones take too long to parse. */
const MAX_ARGUMENT_LENGTH = 500;

const CHANGE_MESSAGE_PARAMETERS = ['zone', 'days', 'format'] as const;

/**
 * `change_message(zone='Europe/Prague', days=7, format='dd-MM-yyyy HH:mm:ss')`: the local time in the
 * zone, `days` calendar days after the render's `time`; the format is Luxon's. Replaces the guide's
 * twenty-line snippet, and unlike its daylight-saving rule is also right in the hours around a clock change.
 */
const changeMessage: Call = ({ positional, named }, { time }) => {
  const unknown = Object.keys(named).find(
    (name) => !CHANGE_MESSAGE_PARAMETERS.some((known) => known === name),
  );
  if (unknown !== undefined || positional.length > CHANGE_MESSAGE_PARAMETERS.length) {
    return badCall(
      `change_message takes ${CHANGE_MESSAGE_PARAMETERS.join(', ')}${unknown === undefined ? '' : `, not ${unknown}`}`,
    );
  }
  const [zone, days, format] = CHANGE_MESSAGE_PARAMETERS.map(
    (name, index) => named[name] ?? positional[index],
  );
  if (typeof time !== 'number') return badValue('change_message needs `time`');
  return shiftedLocalTime(time, zone ?? 'Europe/Prague', days ?? 7, format ?? 'dd-MM-yyyy HH:mm:ss');
};

function shiftedLocalTime(time: number, zone: unknown, days: unknown, format: unknown) {
  if (typeof zone !== 'string' || typeof format !== 'string' || !Number.isInteger(days)) {
    return badCall('change_message needs a zone name, a whole number of days and a format');
  }
  if (zone.length > MAX_ARGUMENT_LENGTH || format.length > MAX_ARGUMENT_LENGTH)
    return badCall(`change_message takes texts of at most ${MAX_ARGUMENT_LENGTH} characters`);
  const start = DateTime.fromSeconds(time, { zone, locale: 'en' });
  if (!start.isValid) return badCall(`change_message does not know the time zone ${zone}`);
  return value(start.plus({ days: Number(days) }).toFormat(format));
}

/**
 * Returns the value without object members that are null, at any depth: Jinja would print them as
 * `None`, and Bloomreach treats an attribute that is null as one that was never set.
 */
function withoutNulls(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  if (Array.isArray(given)) return given.map(withoutNulls);
  const members = Object.entries(given).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

const filters = { from_timestamp: makeFromTimestamp(), from_json: fromJson, hash };

/** For the templates of programs and for edit rules. */
export const programDialect = { filters, functions: { change_message: changeMessage } };
export const programRenderer = makeRenderer(programDialect);

/** For conditions. */
export const conditionRenderer = makeRenderer({
  filters,
  functions: {},
  overrides: strictNumbers,
});
