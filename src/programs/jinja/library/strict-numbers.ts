/**
 * `int` and `float` of conditions. Those of Jinja2 return 0 for a text that is no number, and that makes many a
 * condition true for every customer; these return a default only if the condition names one. An absent value is 0, so
 * that customers who never had a date of issue count as old.
 */

import { parseFloating, parseInteger } from '../../python/numerals.ts';
import { failed } from '../../python/py-error.ts';
import { isNumber, kindOf, textOf, Undefined, type Value } from '../../python/values.ts';
import { filter } from './bind-filter.ts';
import type { Filter } from './library.ts';

function strict(name: 'int' | 'float', parse: (value: Value) => Value | undefined): Filter {
  return filter(name, ['default?'], (piped, [otherwise], { meter }) => {
    meter.text(textOf(piped)?.length ?? 0);
    const found = piped instanceof Undefined ? 0n : parse(piped);
    if (found !== undefined) return found;
    if (otherwise !== undefined) return otherwise;
    throw failed(`${name} was given ${kindOf(piped)} that is not a number: add a default, e.g. ${name}(0)`);
  });
}

function floatOf(value: Value): number | undefined {
  const text = textOf(value);
  if (text !== undefined) return parseFloating(text);
  return isNumber(value) ? Number(value) : undefined;
}

function wholeOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  const text = textOf(value);
  const whole = text === undefined ? undefined : parseInteger(text);
  if (whole !== undefined) return whole;
  const float = floatOf(value);
  return float === undefined || !Number.isFinite(float) ? undefined : BigInt(Math.trunc(float));
}

export const strictNumbers: Readonly<Record<string, Filter>> = {
  int: strict('int', wholeOf),
  float: strict('float', floatOf),
};
