/** The filters that Bloomreach adds to Jinja, for {@link Dialect}. Times are UTC. */

import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import { badCall, badValue, value, type Call, type Dialect } from './dialect.ts';
import { int } from './int-filter.ts';
import { compileStrftime, type Strftime } from './strftime.ts';

/** Ours: what Bloomreach does without a format is not documented. */
const DEFAULT_FORMAT = '%Y-%m-%d %H:%M:%S';

const HASHES = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

/** Filters by name. */
export function makeFilters(): Dialect['filters'] {
  return { from_timestamp: makeFromTimestamp(), from_json: fromJson, hash, int };
}

/**
 * `time | from_timestamp('%d-%m-%Y')`: strftime of unix seconds (whole, fractional, or as text) or
 * of an ISO 8601 text; UTC where that names no offset.
 */
function makeFromTimestamp(): Call {
  const compiled = new Map<string, Strftime>();
  return ({ positional: [moment, format = DEFAULT_FORMAT, ...rest], named }) => {
    if (typeof format !== 'string' || rest.length > 0 || Object.keys(named).length > 0) {
      return badCall("from_timestamp takes one format, e.g. from_timestamp('%d-%m-%Y')");
    }
    let print = compiled.get(format);
    if (print === undefined) {
      const fresh = compileStrftime(format);
      if (typeof fresh !== 'function') {
        return badCall(`from_timestamp does not know ${fresh.unknownDirective}`);
      }
      compiled.set(format, (print = fresh));
    }
    const ms = toMilliseconds(moment);
    if (Number.isNaN(new Date(ms).getTime())) {
      return badValue('from_timestamp needs unix seconds or an ISO 8601 time');
    }
    return value(print(new Date(ms)));
  };
}

function toMilliseconds(moment: unknown): number {
  if (typeof moment === 'number') return moment * 1000;
  if (typeof moment !== 'string' || moment.trim() === '') return Number.NaN;
  const seconds = Number(moment);
  return Number.isNaN(seconds) ? DateTime.fromISO(moment, { zone: 'utc' }).toMillis() : seconds * 1000;
}

/** `customer.preferences | from_json`: the value that a JSON text stands for. */
const fromJson: Call = ({ positional: [text] }) => {
  if (typeof text !== 'string') return badValue('from_json needs a JSON text');
  try {
    return value(withoutNulls(JSON.parse(text)));
  } catch {
    return badValue('from_json was given a text that is not JSON');
  }
};

/** `customer.email | hash('sha256')`: hexadecimal digest of the UTF-8 text; sha256 where none is named. */
const hash: Call = ({ positional: [text, algorithm = 'sha256'] }) => {
  if (typeof algorithm !== 'string' || !HASHES.includes(algorithm)) {
    return badCall(`hash knows ${HASHES.join(', ')}`);
  }
  if (typeof text !== 'string' && typeof text !== 'number') return badValue('hash needs a text');
  return value(createHash(algorithm).update(String(text)).digest('hex'));
};

/**
 * The same value without object members that are null, at any depth: Jinja would print them as
 * `none`, and to Bloomreach an attribute that is null is one that was never set.
 */
export function withoutNulls(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  if (Array.isArray(given)) return given.map(withoutNulls);
  const entries = Object.entries(given).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutNulls(member)]));
}
