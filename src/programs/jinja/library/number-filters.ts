/** Filters of numbers, and those that turn values into them. */

import { absolute, calculate, round as roundNumber, toFloat } from '../../python/arithmetic.ts';
import { count, text, wholeNumber } from '../../python/arguments.ts';
import { formatFloat } from '../../python/float-format.ts';
import { parseFloating, parseInteger } from '../../python/numerals.ts';
import { absent } from '../../python/print.ts';
import { failed, misused } from '../../python/py-error.ts';
import { isNumber, isTrue, kindOf, orElse, textOf, Undefined, type Value } from '../../python/values.ts';
import { filter } from './bind-filter.ts';
import type { Filter } from './library.ts';

/** Returns `int(value, base)`; undefined if Python raises an error that the filter `int` replaces by its default. */
function toWhole(value: Value, base: number): bigint | undefined {
  const given = textOf(value);
  if (given === undefined) {
    if (typeof value === 'number')
      return truncated(value, failed('a number that is not finite is no whole number'));
    return isNumber(value) ? BigInt(value) : undefined;
  }
  const whole = parseInteger(given, base);
  if (whole !== undefined) return whole;
  const float = parseFloating(given);
  return float === undefined || !Number.isFinite(float) ? undefined : BigInt(Math.trunc(float));
}

function truncated(value: number, error: Error): bigint | undefined {
  if (Number.isNaN(value)) return undefined;
  if (!Number.isFinite(value)) throw error;
  return BigInt(Math.trunc(value));
}

const int = filter('int', ['default?', 'base?'], (piped, [otherwise = 0n, base = 10n], { meter }) => {
  if (piped instanceof Undefined) throw absent(piped);
  meter.text(textOf(piped)?.length ?? 0);
  return orElse(toWhole(piped, count(base, 'int')), otherwise);
});

const float = filter('float', ['default?'], (piped, [otherwise = 0], { meter }) => {
  if (piped instanceof Undefined) throw absent(piped);
  const given = textOf(piped);
  meter.text(given?.length ?? 0);
  if (given !== undefined) return orElse(parseFloating(given), otherwise);
  if (!isNumber(piped)) return otherwise;
  return toFloat(typeof piped === 'boolean' ? Number(piped) : piped);
});

const METHODS = ['common', 'ceil', 'floor'];

const round = filter(
  'round',
  ['precision?', 'method?'],
  (piped, [precision = 0n, method = 'common'], { meter }) => {
    const name = text(method, 'round');
    if (!METHODS.includes(name)) throw misused(`round has the methods ${METHODS.join(', ')}`);
    if (name === 'common')
      return roundNumber(piped, precision === null ? undefined : wholeNumber(precision, 'round'));
    const power = calculate('**', 10n, wholeNumber(precision, 'round'), meter);
    const scaled = calculate('*', piped, power, meter);
    if (!isNumber(scaled)) throw failed(`round needs a number, not ${kindOf(piped)}`);
    if (typeof scaled === 'number' && !Number.isFinite(scaled))
      throw failed('round needs a number that is finite');
    const whole =
      typeof scaled === 'number'
        ? BigInt(name === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled))
        : BigInt(scaled);
    return calculate('/', whole, power, meter);
  },
);

const PREFIXES = 'kMGTPEZY';

const filesizeformat = filter('filesizeformat', ['binary?'], (piped, [binary = false]) => {
  if (piped instanceof Undefined) throw absent(piped);
  const given = textOf(piped);
  const parsed =
    given === undefined ? (isNumber(piped) ? toFloat(Number(piped)) : undefined) : parseFloating(given);
  if (parsed === undefined) throw failed(`filesizeformat needs a number, not ${kindOf(piped)}`);
  const isBinary = isTrue(binary);
  const base = isBinary ? 1024 : 1000;
  if (parsed === 1) return '1 Byte';
  if (parsed < base) return `${truncated(parsed, failed('filesizeformat needs a finite number'))} Bytes`;
  if (Number.isNaN(parsed)) return `nan ${isBinary ? 'YiB' : 'YB'}`;
  let index = 0;
  while (index < PREFIXES.length - 1 && parsed >= base ** (index + 2)) index += 1;
  const prefix = PREFIXES.charAt(index);
  const size = formatFloat((base * parsed) / base ** (index + 2), { type: 'f', precision: 1 });
  return `${size} ${isBinary ? `${prefix.toUpperCase()}iB` : `${prefix}B`}`;
});

export const numberFilters: Readonly<Record<string, Filter>> = {
  abs: filter('abs', [], (piped) => absolute(piped)),
  filesizeformat,
  float,
  int,
  round,
};
