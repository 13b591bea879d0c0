/** Numbers as Python reads and prints them. */

import { MAX_DIGITS } from './meter.ts';
import { isSpace, strip } from './code-points.ts';

const DIGITS_IN = /^[0-9a-z]+(?:_[0-9a-z]+)*$/;
const FLOATING = /^[-+]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+(?:_\d+)*)?$/i;
const SPECIAL = /^([-+]?)(?:inf|infinity|nan)$/i;

const PREFIXES: Readonly<Record<string, number>> = { '0b': 2, '0o': 8, '0x': 16 };

/** Reads a text as `int(text, base)` does; undefined if Python raises a ValueError. */
export function parseInteger(text: string, base = 10): bigint | undefined {
  if (text.length > MAX_DIGITS * 2 || (base !== 0 && (base < 2 || base > 36))) return undefined;
  let digits = asciiDigits(strip(text, 'both', isSpace)).toLowerCase();
  const isNegative = digits.startsWith('-');
  if (/^[-+]/.test(digits)) digits = digits.slice(1);
  const prefix = PREFIXES[digits.slice(0, 2)];
  let radix = base;
  if (prefix !== undefined && (base === 0 || base === prefix)) {
    radix = prefix;
    digits = digits.slice(2).replace(/^_/, '');
  } else if (base === 0) {
    radix = 10;
    if (digits.startsWith('0') && !/^[0_]+$/.test(digits)) return undefined;
  }
  if (!DIGITS_IN.test(digits)) return undefined;
  digits = digits.replaceAll('_', '');
  if (digits.length > MAX_DIGITS && (radix & (radix - 1)) !== 0) return undefined;
  const whole = wholeOf(digits, radix);
  return isNegative && whole !== undefined ? -whole : whole;
}

function wholeOf(digits: string, radix: number): bigint | undefined {
  if (radix === 10) return /^\d+$/.test(digits) ? BigInt(digits) : undefined;
  let whole = 0n;
  for (const digit of digits) {
    const value = Number.parseInt(digit, 36);
    if (value >= radix) return undefined;
    whole = whole * BigInt(radix) + BigInt(value);
  }
  return whole;
}

/** Replaces the decimal digits of other scripts, which Python reads too. */
function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => String(digitValue(digit)));
}

/** The digits of a script are ten code points in a row, and some rows follow each other. */
function digitValue(digit: string): number {
  const point = digit.codePointAt(0) ?? 0;
  if (point < 0x80) return point - 0x30;
  let first = point;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return (point - first) % 10;
}

/** Reads a text as `float(text)` does; undefined if Python raises a ValueError. */
export function parseFloating(text: string): number | undefined {
  const numeral = asciiDigits(strip(text, 'both', isSpace));
  if (FLOATING.test(numeral)) return Number(numeral.replaceAll('_', '').replace(/^\+/, ''));
  const special = SPECIAL.exec(numeral);
  if (special === null) return undefined;
  if (/nan$/i.test(numeral)) return Number.NaN;
  return special[1] === '-' ? -Infinity : Infinity;
}

/** Returns `repr(float)`: the shortest digits, with an exponent below 1e-4 and from 1e16 on. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) return `${mantissa}e${exponentOf(exponent)}`;
  if (exponent < 0) {
    const sign = value < 0 ? '-' : '';
    return `${sign}0.${'0'.repeat(-exponent - 1)}${mantissa.replace(/[-.]/g, '')}`;
  }
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** Returns an exponent as C prints it: with its sign and at least two digits. */
export function exponentOf(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Returns the number as `%.{precision}f` prints it: ties of the exact binary value go to the even digit. */
export function fixedText(value: number, precision: number): string {
  const rounded = exactDecimal(Math.abs(value), precision);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return sign + rounded;
}

/** Rounds the exact value of a finite float, which is a whole number divided by a power of two. */
function exactDecimal(value: number, precision: number): string {
  const { whole, shift } = binaryOf(value);
  const scaled = whole * 10n ** BigInt(precision);
  const digits = String(shift >= 0 ? scaled << BigInt(shift) : roundHalfEven(scaled, 1n << BigInt(-shift)));
  if (precision === 0) return digits;
  const padded = digits.padStart(precision + 1, '0');
  return `${padded.slice(0, -precision)}.${padded.slice(-precision)}`;
}

/** Returns the whole number and the power of two that make a finite, positive float. */
export function binaryOf(value: number): { whole: bigint; shift: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return exponent === 0
    ? { whole: fraction, shift: -1074 }
    : { whole: fraction | 0x10000000000000n, shift: exponent - 1075 };
}

/** Divides whole numbers; `divisor` must be positive. */
export function roundHalfEven(dividend: bigint, divisor: bigint): bigint {
  let quotient = dividend / divisor;
  let rest = dividend % divisor;
  if (rest < 0n) {
    rest += divisor;
    quotient -= 1n;
  }
  const twice = rest * 2n;
  return twice > divisor || (twice === divisor && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}
