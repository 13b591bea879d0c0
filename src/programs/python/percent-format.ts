/** `'%.2f' % value`: printf of Python. */

import { lengthOf, sliceText } from './code-points.ts';
import { formatFloat } from './float-format.ts';
import { MAX_TEXT, type Meter } from './meter.ts';
import { toFloat } from './arithmetic.ts';
import { absent, repr, str } from './print.ts';
import { failed } from './py-error.ts';
import { isNumber, kindOf, PyDict, PyRange, PyTuple, textOf, Undefined, type Value } from './values.ts';

interface Directive {
  key: string | undefined;
  flags: string;
  width: number | undefined;
  precision: number | undefined;
  type: string;
}

const DIRECTIVE = /%(?:\(([^()]*)\))?([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?[hlL]?([\s\S]?)/gu;

/** Formats a text with the values of a tuple, the members of a dict, or one value. */
export function formatPercent(format: string, given: Value, meter: Meter): string {
  meter.text(format.length);
  const values = given instanceof PyTuple ? [...given.items] : [given];
  const isMapping =
    given instanceof PyDict || given instanceof PyRange || given instanceof Undefined || Array.isArray(given);
  let used = 0;
  const next = (): Value => {
    const value = values[used];
    if (value === undefined) throw failed('% has fewer values than its text has places for');
    used += 1;
    return value;
  };
  const pieces: string[] = [];
  let copied = 0;
  for (const match of format.matchAll(DIRECTIVE)) {
    pieces.push(format.slice(copied, match.index));
    copied = match.index + match[0].length;
    const [, key, flags = '', width = '', precision, type = ''] = match;
    if (key !== undefined && !(given instanceof PyDict)) throw failed('%(name)s needs a dict');
    const directive: Directive = {
      key,
      flags,
      width: width === '*' ? starOf(next()) : numberOf(width),
      precision:
        precision === undefined ? undefined : precision === '*' ? starOf(next()) : (numberOf(precision) ?? 0),
      type,
    };
    if (directive.width !== undefined && directive.width < 0) {
      directive.flags += '-';
      directive.width = -directive.width;
    }
    meter.text(Math.max(directive.width ?? 0, directive.precision ?? 0));
    const value = match[0] === '%%' ? '%' : key === undefined ? next() : memberOf(given as PyDict, key);
    const piece = match[0] === '%%' ? '%' : convert(value, directive, meter);
    meter.text(piece.length);
    pieces.push(piece);
  }
  if (used < values.length && !(isMapping && used === 0))
    throw failed('% has more values than its text has places for');
  return pieces.join('') + format.slice(copied);
}

function numberOf(digits: string): number | undefined {
  return digits === '' ? undefined : Math.min(Number(digits), MAX_TEXT + 1);
}

function starOf(value: Value): number {
  if (typeof value !== 'bigint' && typeof value !== 'boolean') throw failed('* in % needs a whole number');
  return Math.max(-MAX_TEXT - 1, Math.min(Number(value), MAX_TEXT + 1));
}

function memberOf(dict: PyDict, key: string): Value {
  const value = dict.get(key);
  if (value === undefined) throw failed('% names a member that the dict does not have');
  return value;
}

function convert(value: Value, { flags, width = 0, precision, type }: Directive, meter: Meter): string {
  if (value instanceof Undefined && value.name !== undefined) throw absent(value);
  const pad = (text: string, isNumeric: boolean) => padTo(text, { flags, width, isNumeric });
  switch (type) {
    case 's':
    case 'r':
    case 'a': {
      const printed = type === 's' ? str(value, meter) : repr(value, meter);
      const shown = type === 'a' ? toAscii(printed) : printed;
      return pad(precision === undefined ? shown : sliceText(shown, 0, precision), false);
    }
    case 'c':
      return pad(characterOf(value), false);
    case 'd':
    case 'i':
    case 'u':
      return pad(wholeDigits(wholeOf(value), 10, flags, precision), true);
    case 'x':
    case 'X':
    case 'o': {
      if (typeof value !== 'bigint' && typeof value !== 'boolean')
        throw failed(`%${type} needs a whole number, not ${kindOf(value)}`);
      const digits = wholeDigits(BigInt(value), type === 'o' ? 8 : 16, flags, precision);
      return pad(type === 'X' ? digits.toUpperCase() : digits, true);
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      if (!isNumber(value))
        throw failed(`%${type} needs a number, not ${kindOf(value)}: write | float before it`);
      const number = toFloat(typeof value === 'boolean' ? Number(value) : value);
      const kind = type.toLowerCase() as 'e' | 'f' | 'g';
      const digits = formatFloat(Math.abs(number), {
        type: kind,
        precision: precision ?? 6,
        keepsPoint: flags.includes('#'),
      });
      const signed = signOf(number < 0 || Object.is(number, -0), flags) + digits;
      const cased = type === kind ? signed : signed.toUpperCase();
      return padTo(cased, { flags, width, isNumeric: true });
    }
    default:
      throw failed(`% does not support ${type === '' ? 'a % at the end' : `%${type}`}`);
  }
}

function wholeOf(value: Value): bigint {
  if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value));
  if (typeof value === 'bigint' || typeof value === 'boolean') return BigInt(value);
  throw failed(`%d needs a number, not ${kindOf(value)}: write | int before it`);
}

function wholeDigits(value: bigint, radix: number, flags: string, precision = 0): string {
  const digits = (value < 0n ? -value : value).toString(radix).padStart(precision, '0');
  const prefix = flags.includes('#') ? ({ 8: '0o', 16: '0x' }[radix] ?? '') : '';
  return signOf(value < 0n, flags) + prefix + digits;
}

function signOf(isNegative: boolean, flags: string): string {
  if (isNegative) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function characterOf(value: Value): string {
  const text = textOf(value);
  if (text !== undefined && lengthOf(text) === 1) return text;
  if (
    (typeof value === 'bigint' || typeof value === 'boolean') &&
    BigInt(value) >= 0n &&
    BigInt(value) < 0x110000n
  )
    return String.fromCodePoint(Number(value));
  throw failed('%c needs one character or its number');
}

function padTo(
  text: string,
  { flags, width, isNumeric }: { flags: string; width: number; isNumeric: boolean },
): string {
  const missing = width - lengthOf(text);
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!isNumeric || !flags.includes('0')) return ' '.repeat(missing) + text;
  const sign = /^[-+ ]?(?:0[xXoO])?/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

/** Returns `ascii()` of what `repr` printed. */
function toAscii(text: string): string {
  return text.replace(/[^\0-\x7F]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    const hex = point.toString(16);
    if (point <= 0xff) return `\\x${hex.padStart(2, '0')}`;
    return point <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
}
