/** Turns JSON into the values of templates and back. */

import type { Json } from '../../domain/jobs/program.ts';
import { absent, str } from './print.ts';
import type { Meter } from './meter.ts';
import { failed, misused } from './py-error.ts';
import {
  kindOf,
  PyDict,
  PyIterator,
  PyObject,
  PyRange,
  PyTuple,
  PyView,
  textOf,
  Undefined,
  type Value,
} from './values.ts';

/** Returns the value of a JSON scalar. A number without a fraction is an int, as JSON does not tell. */
export function scalarValue(given: unknown): Value {
  if (typeof given === 'number') return Number.isSafeInteger(given) ? BigInt(given) : given;
  if (typeof given === 'string' || typeof given === 'boolean' || typeof given === 'bigint') return given;
  return null;
}

/** Returns the value of any JSON. */
export function valueOf(given: unknown): Value {
  if (Array.isArray(given)) return given.map(valueOf);
  if (typeof given !== 'object' || given === null) return scalarValue(given);
  return new PyDict(Object.entries(given).map(([name, member]) => [name, valueOf(member)] as const));
}

/** Returns a value as JSON. A whole number that JSON would round, e.g. a 20-digit card number, keeps its digits as text. */
export function jsonOf(value: Value, meter: Meter, depth = 0): Json {
  meter.nesting(depth);
  const text = textOf(value);
  if (text !== undefined) return text;
  if (typeof value === 'bigint') return wholeJson(value, meter);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw failed('a number is infinite or undefined, which JSON does not have');
    // JSON has only one zero.
    return value === 0 ? 0 : value;
  }
  if (typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => jsonOf(item, meter, depth + 1));
  if (value instanceof PyTuple) return value.items.map((item) => jsonOf(item, meter, depth + 1));
  if (value instanceof PyDict)
    // Not by assignment: a key may be `__proto__`.
    return Object.fromEntries(
      value.entries().map(([key, member]) => [str(key, meter), jsonOf(member, meter, depth + 1)]),
    );
  if (value instanceof Undefined) {
    if (value.name === undefined) return '';
    throw absent(value);
  }
  if (value instanceof PyIterator || value instanceof PyRange || value instanceof PyView)
    throw misused(`${kindOf(value)} cannot be sent: add | list, or | join to make a text of it`);
  if (value instanceof PyObject) return str(value, meter);
  return null;
}

function wholeJson(value: bigint, meter: Meter): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : str(value, meter);
}
