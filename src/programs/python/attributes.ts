/** Attributes: `value.name`, methods included. */

import { formatBraces } from './str-format.ts';
import { bitsOf } from './arithmetic.ts';
import { bind } from './arguments.ts';
import type { Meter } from './meter.ts';
import { dictMethods } from './methods/dict-methods.ts';
import { listMethods, tupleMethods } from './methods/list-methods.ts';
import type { Method, Methods } from './methods/method.ts';
import { kindMethods } from './methods/text-kind.ts';
import { partMethods } from './methods/text-parts.ts';
import { searchMethods } from './methods/text-search.ts';
import { shapeMethods } from './methods/text-shape.ts';
import { misused } from './py-error.ts';
import { type Args, PyDict, PyFunction, PyObject, PyTuple, SafeText, type Value } from './values.ts';

export const textMethods: Methods<string> = {
  ...shapeMethods,
  ...searchMethods,
  ...partMethods,
  ...kindMethods,
  format: (self, args, meter) => formatBraces(self, args, meter),
};

/** Attributes of numbers that are no methods. */
function partOf(value: bigint | number, name: string): Value | undefined {
  if (name === 'real') return value;
  if (name === 'imag') return typeof value === 'bigint' ? 0n : 0;
  if (typeof value === 'number') return undefined;
  if (name === 'numerator') return value;
  return name === 'denominator' ? 1n : undefined;
}

const wholeMethods: Methods<bigint> = {
  bit_length(self, args) {
    bind('bit_length', args, []);
    return BigInt(self === 0n ? 0 : bitLength(self));
  },
};

function bitLength(value: bigint): number {
  return bitsOf(value) === 0 ? 0 : (value < 0n ? -value : value).toString(2).length;
}

const floatMethods: Methods<number> = {
  is_integer(self, args) {
    bind('is_integer', args, []);
    return Number.isInteger(self);
  },
};

/** All methods by type, for the documentation. */
export const methodsByType = {
  text: textMethods,
  list: listMethods,
  tuple: tupleMethods,
  dict: dictMethods,
  'whole number': wholeMethods,
  number: floatMethods,
} as const;

/** Returns an attribute of Python's own; undefined if the value has none of this name. */
export function attributeOf(value: Value, name: string): Value | undefined {
  if (typeof value === 'string') return method(textMethods, value, name);
  if (value instanceof SafeText) {
    if (Object.hasOwn(textMethods, name))
      throw misused(`${name}() of a text from safe, escape or tojson is not supported: put the filter last`);
    return undefined;
  }
  if (Array.isArray(value)) return method(listMethods, value, name);
  if (value instanceof PyDict) return method(dictMethods, value, name);
  if (value instanceof PyTuple) {
    const item = value.items[value.names.indexOf(name)];
    return item === undefined ? method(tupleMethods, value, name) : item;
  }
  if (typeof value === 'boolean') return attributeOf(BigInt(value), name);
  if (typeof value === 'bigint') return partOf(value, name) ?? method(wholeMethods, value, name);
  if (typeof value === 'number') return partOf(value, name) ?? method(floatMethods, value, name);
  return value instanceof PyObject ? value.attribute(name) : undefined;
}

function method<T>(methods: Methods<T>, self: T, name: string): PyFunction | undefined {
  const found: Method<T> | undefined = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (found === undefined) return undefined;
  return new PyFunction(name, (args: Args, meter: Meter) => found(self, args, meter));
}
