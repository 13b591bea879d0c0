/** Python's format specifications: `{:>8}`, `{:,.2f}`. */

import { toFloat } from './arithmetic.ts';
import { lengthOf, sliceText } from './code-points.ts';
import { formatFloat } from './float-format.ts';
import { MAX_TEXT, type Meter } from './meter.ts';
import { floatText } from './numerals.ts';
import { absent, str } from './print.ts';
import { failed } from './py-error.ts';
import { isNumber, kindOf, textOf, Undefined, type Value } from './values.ts';

interface Spec {
  fill: string;
  align: string;
  sign: string;
  /** `z`: a negative zero has no sign. */
  dropsMinusZero: boolean;
  isAlternate: boolean;
  width: number;
  grouping: string;
  precision: number | undefined;
  type: string;
}

const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u;

/** Returns `format(value, spec)`. */
export function formatValue(value: Value, spec: string, meter: Meter): string {
  if (value instanceof Undefined && value.name !== undefined) throw absent(value);
  if (spec === '') return str(value, meter);
  const parsed = parseSpec(spec, isNumber(value));
  meter.text(Math.max(parsed.width, parsed.precision ?? 0));
  const text = textOf(value) ?? (value instanceof Undefined ? '' : undefined);
  if (text !== undefined) return formatText(text, parsed);
  if (typeof value === 'number') return formatNumber(value, parsed);
  if (typeof value === 'bigint' || typeof value === 'boolean') return formatWhole(BigInt(value), parsed);
  throw failed(`${kindOf(value)} takes no format`);
}

function parseSpec(spec: string, isNumeric: boolean): Spec {
  const match = SPEC.exec(spec);
  if (match === null) throw failed('a format is not one of Python: write for example {:.2f} or {:>8}');
  const [, fill, align, sign = '', z, alternate, zero, width, grouping = '', precision, type = ''] = match;
  const isPadded = zero !== undefined && align === undefined;
  return {
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    align: align ?? (isPadded && isNumeric ? '=' : isNumeric ? '>' : '<'),
    sign,
    dropsMinusZero: z !== undefined,
    isAlternate: alternate !== undefined,
    width: Math.min(Number(width ?? 0), MAX_TEXT + 1),
    grouping,
    precision: precision === undefined ? undefined : Math.min(Number(precision), MAX_TEXT + 1),
    type,
  };
}

function formatText(text: string, spec: Spec): string {
  if (
    (spec.type !== '' && spec.type !== 's') ||
    spec.sign !== '' ||
    spec.grouping !== '' ||
    spec.align === '='
  )
    throw failed('a format of numbers was given a text: write | int or | float before it');
  if (spec.isAlternate || spec.dropsMinusZero) throw failed('a format of numbers was given a text');
  const shown = spec.precision === undefined ? text : sliceText(text, 0, spec.precision);
  return pad(shown, '', spec);
}

const RADIX: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 };

function formatWhole(value: bigint, spec: Spec): string {
  if (spec.type !== '' && 'eEfFgG%'.includes(spec.type)) return formatNumber(toFloat(value), spec);
  if (!'bcdnoxX'.includes(spec.type)) throw failed(`a whole number has no format ${spec.type}`);
  if (spec.precision !== undefined || spec.dropsMinusZero)
    throw failed(
      'a format of fractions was given a whole number: write | float before it, or f in the format',
    );
  if (spec.type === 'c') {
    if (value < 0n || value >= 0x110000n || spec.sign !== '')
      throw failed('the format c needs the number of a character');
    return pad(String.fromCodePoint(Number(value)), '', {
      ...spec,
      align: spec.align === '=' ? '<' : spec.align,
    });
  }
  const radix = RADIX[spec.type] ?? 10;
  const size = (value < 0n ? -value : value).toString(radix);
  const digits = spec.type === 'X' ? size.toUpperCase() : size;
  const prefix = spec.isAlternate && radix !== 10 ? `0${spec.type}` : '';
  return pad(digits, signOf(value < 0n, spec) + prefix, spec, radix === 10 ? 3 : 4);
}

function formatNumber(value: number, spec: Spec): string {
  const { type, precision } = spec;
  if (type !== '' && !'eEfFgGn%'.includes(type)) throw failed(`a number has no format ${type}`);
  const scaled = type === '%' ? value * 100 : value;
  const size = Math.abs(scaled);
  const digits = digitsOf(size, spec);
  const isZero = spec.dropsMinusZero && !/[1-9]/.test(digits.split('e')[0] ?? '');
  const isNegative = (scaled < 0 || Object.is(scaled, -0)) && !isZero;
  const cased = type === 'E' || type === 'F' || type === 'G' ? digits.toUpperCase() : digits;
  const shown = precision === undefined && type === '' && !spec.isAlternate ? floatText(size) : cased;
  return pad(type === '%' ? `${shown}%` : shown, signOf(isNegative, spec), spec);
}

function digitsOf(size: number, { type, precision, isAlternate }: Spec): string {
  const kind =
    type === '%' ? 'f' : type === '' || type === 'n' ? 'g' : (type.toLowerCase() as 'e' | 'f' | 'g');
  return formatFloat(size, {
    type: kind,
    precision: precision ?? 6,
    keepsPoint: isAlternate,
    isGeneral: type === '',
  });
}

function signOf(isNegative: boolean, { sign }: Spec): string {
  if (isNegative) return '-';
  return sign === '+' || sign === ' ' ? sign : '';
}

/** Groups the digits and fills the width. Zeros of a padded number are grouped too. */
function pad(body: string, sign: string, spec: Spec, groupSize = 3): string {
  const { fill, align, width, grouping } = spec;
  const isGroupedZero = grouping !== '' && align === '=' && fill === '0';
  const grouped =
    grouping === '' ? body : group(body, grouping, groupSize, isGroupedZero ? width - sign.length : 0);
  const missing = Math.max(0, width - lengthOf(grouped) - sign.length);
  if (align === '=') return sign + fill.repeat(missing) + grouped;
  if (align === '<') return sign + grouped + fill.repeat(missing);
  if (align === '>') return fill.repeat(missing) + sign + grouped;
  const left = Math.floor(missing / 2);
  return fill.repeat(left) + sign + grouped + fill.repeat(missing - left);
}

function group(body: string, separator: string, size: number, width: number): string {
  const digits = (size === 4 ? /^[\da-fA-F]+$/ : /^\d+/).exec(body)?.[0] ?? '';
  if (digits === '') return body;
  const rest = body.slice(digits.length);
  const groups: string[] = [];
  let left = digits;
  let used = rest.length;
  do {
    const next = left.slice(-size);
    left = left.slice(0, -size);
    const separatorLength = groups.length > 0 ? 1 : 0;
    const room = width - used - separatorLength;
    const padded = left === '' ? next.padStart(Math.min(size, Math.max(room, 1)), '0') : next;
    groups.unshift(padded);
    used += padded.length + separatorLength;
  } while (left !== '' || used < width);
  return groups.join(separator) + rest;
}
