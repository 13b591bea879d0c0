/** Jinja2's tests: `x is odd`. */

import { calculate } from '../../python/arithmetic.ts';
import { bind } from '../../python/arguments.ts';
import { equals, isOrdered, type Order } from '../../python/compare.ts';
import { contains, isIterable, lengthIfAny } from '../../python/iterate.ts';
import { isLowerText, isUpperText } from '../../python/letter-case.ts';
import { formatPercent } from '../../python/percent-format.ts';
import { absent, str } from '../../python/print.ts';
import {
  isNumber,
  keyOf,
  PyDict,
  PyObject,
  PyView,
  SafeText,
  textOf,
  Undefined,
  type Value,
} from '../../python/values.ts';
import type { Run, Test } from './library.ts';

function plain(name: string, holds: (value: Value, run: Run) => boolean): Test {
  return (value, args, run) => {
    bind(name, args, []);
    run.meter.spend(1);
    return holds(value, run);
  };
}

function withOther(name: string, holds: (value: Value, other: Value, run: Run) => boolean): Test {
  return (value, args, run) => {
    const [other = null] = bind(name, args, ['other']);
    run.meter.spend(1);
    return holds(value, other, run);
  };
}

function order(name: string, by: Order): Test {
  return withOther(name, (value, other, { meter }) => isOrdered(by, value, other, meter));
}

/** `%` formats a text, as in Python. */
function remainder(value: Value, divisor: Value, { meter }: Run): Value {
  return typeof value === 'string'
    ? formatPercent(value, divisor, meter)
    : calculate('%', value, divisor, meter);
}

function isSequence(value: Value): boolean {
  return lengthIfAny(value) !== undefined && !(value instanceof PyView);
}

/** Whether a name is known; any value that can be a key may be asked for. */
function isKey(value: Value, names: ReadonlyMap<string, unknown>): boolean {
  return keyOf(value) !== '' && names.has(textOf(value) ?? '');
}

function isSame(value: Value, other: Value): boolean {
  if (value instanceof Undefined && other instanceof Undefined) return value === other;
  return value === other;
}

const equal = withOther('eq', (value, other, { meter }) => equals(value, other, meter));
const unequal = withOther('ne', (value, other, { meter }) => !equals(value, other, meter));

export const tests: Readonly<Record<string, Test>> = {
  '!=': unequal,
  '<': order('<', '<'),
  '<=': order('<=', '<='),
  '==': equal,
  '>': order('>', '>'),
  '>=': order('>=', '>='),
  boolean: plain('boolean', (value) => typeof value === 'boolean'),
  callable: plain(
    'callable',
    (value) => value instanceof Undefined || (value instanceof PyObject && value.isCallable),
  ),
  defined: plain('defined', (value) => !(value instanceof Undefined)),
  divisibleby: withOther('divisibleby', (value, other, run) =>
    equals(remainder(value, other, run), 0n, run.meter),
  ),
  eq: equal,
  equalto: equal,
  escaped: plain('escaped', (value) => value instanceof SafeText),
  even: plain('even', (value, run) => equals(remainder(value, 2n, run), 0n, run.meter)),
  false: plain('false', (value) => value === false),
  filter: plain('filter', (value, { library }) => isKey(value, library.filters)),
  float: plain('float', (value) => typeof value === 'number'),
  ge: order('ge', '>='),
  greaterthan: order('greaterthan', '>'),
  gt: order('gt', '>'),
  in: withOther('in', (value, other, { meter }) => contains(other, value, meter)),
  integer: plain('integer', (value) => typeof value === 'bigint'),
  iterable: plain('iterable', (value) => {
    if (value instanceof Undefined && value.name !== undefined) throw absent(value);
    return isIterable(value);
  }),
  le: order('le', '<='),
  lessthan: order('lessthan', '<'),
  lower: plain('lower', (value, { meter }) => isLowerText(str(value, meter))),
  lt: order('lt', '<'),
  mapping: plain('mapping', (value) => value instanceof PyDict),
  ne: unequal,
  none: plain('none', (value) => value === null),
  number: plain('number', isNumber),
  odd: plain('odd', (value, run) => equals(remainder(value, 2n, run), 1n, run.meter)),
  sameas: withOther('sameas', isSame),
  sequence: plain('sequence', isSequence),
  string: plain('string', (value) => textOf(value) !== undefined),
  test: plain('test', (value, { library }) => isKey(value, library.tests)),
  true: plain('true', (value) => value === true),
  undefined: plain('undefined', (value) => value instanceof Undefined),
  upper: plain('upper', (value, { meter }) => isUpperText(str(value, meter))),
};
