/** Python's operators `+ - * / // % **` and the signs. `%` of a text is in percent-format.ts. */

import { MAX_NESTING, type Meter } from './meter.ts';
import { binaryOf, roundHalfEven } from './numerals.ts';
import { absent } from './print.ts';
import { failed, misused } from './py-error.ts';
import { isNumber, kindOf, PyTuple, SafeText, textOf, Undefined, type Value } from './values.ts';

export type Operator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** Computes with two numbers, joins or repeats texts and lists. */
export function calculate(operator: Operator, left: Value, right: Value, meter: Meter): Value {
  meter.spend(1);
  if (left instanceof Undefined) throw absent(left);
  if (right instanceof Undefined) throw absent(right);
  if (isNumber(left) && isNumber(right)) return ofNumbers(operator, left, right, meter);
  const found =
    operator === '+' ? join(left, right, meter) : operator === '*' ? repeat(left, right, meter) : undefined;
  if (found !== undefined) return found;
  throw failed(adviceOn(operator, left, right));
}

function adviceOn(operator: Operator, left: Value, right: Value): string {
  const problem = `${kindOf(left)} ${operator} ${kindOf(right)} is not defined`;
  const isText = textOf(left) !== undefined || textOf(right) !== undefined;
  if (!isText) return problem;
  return `${problem}: write | int or | float after the text${operator === '+' ? ', or join both as texts with ~' : ''}`;
}

function join(left: Value, right: Value, meter: Meter): Value | undefined {
  const [a, b] = [textOf(left), textOf(right)];
  if (a !== undefined && b !== undefined) {
    if (left instanceof SafeText || right instanceof SafeText)
      throw misused('a text from safe, escape or tojson cannot be joined with +: write ~');
    meter.text(a.length + b.length);
    return a + b;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    meter.spend(left.length + right.length);
    return [...left, ...right];
  }
  if (left instanceof PyTuple && right instanceof PyTuple) {
    meter.spend(left.items.length + right.items.length);
    return new PyTuple([...left.items, ...right.items]);
  }
  return undefined;
}

function repeat(left: Value, right: Value, meter: Meter): Value | undefined {
  const [items, times] = isTimes(right) ? [left, right] : [right, left];
  if (!isTimes(times)) return undefined;
  const most = Number.MAX_SAFE_INTEGER;
  if (typeof times === 'bigint' && bitsOf(times) > 63) throw failed('a value cannot be repeated so often');
  const count = Math.max(0, Math.min(Number(times), most));
  const text = textOf(items);
  if (text !== undefined) {
    meter.text(text.length * count);
    const repeated = text === '' ? '' : text.repeat(count);
    return items instanceof SafeText ? new SafeText(repeated) : repeated;
  }
  const list = Array.isArray(items) ? items : items instanceof PyTuple ? items.items : undefined;
  if (list === undefined) return undefined;
  meter.spend(list.length * count);
  const repeated = list.length === 0 ? [] : Array.from({ length: count }, () => list).flat();
  return Array.isArray(items) ? repeated : new PyTuple(repeated);
}

function isTimes(value: Value): value is bigint | boolean {
  return typeof value === 'bigint' || typeof value === 'boolean';
}

type Numeric = bigint | number | boolean;

function ofNumbers(operator: Operator, left: Numeric, right: Numeric, meter: Meter): Value {
  const a = typeof left === 'boolean' ? BigInt(left) : left;
  const b = typeof right === 'boolean' ? BigInt(right) : right;
  return typeof a === 'bigint' && typeof b === 'bigint'
    ? ofWholes(operator, a, b, meter)
    : ofFloats(operator, toFloat(a), toFloat(b));
}

function ofWholes(operator: Operator, a: bigint, b: bigint, meter: Meter): Value {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      meter.bits(bitsOf(a) + bitsOf(b));
      return a * b;
    case '/':
      return divide(a, b);
    case '//':
      return floorDivide(a, b);
    case '%':
      return a - floorDivide(a, b) * b;
    case '**':
      return power(a, b, meter);
  }
}

export function bitsOf(value: bigint): number {
  const size = value < 0n ? -value : value;
  return size < 0x20000000000000n ? Math.ceil(Math.log2(Number(size) + 1)) : size.toString(16).length * 4;
}

function floorDivide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw failed('a division by zero');
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** Divides whole numbers, rounding correctly however long they are. */
function divide(a: bigint, b: bigint): number {
  if (b === 0n) throw failed('a division by zero');
  const safe = BigInt(Number.MAX_SAFE_INTEGER);
  const [sizeA, sizeB] = [a < 0n ? -a : a, b < 0n ? -b : b];
  if (sizeA <= safe && sizeB <= safe) return Number(a) / Number(b);
  const shift = Math.max(0, bitsOf(sizeB) - bitsOf(sizeA) + 70);
  const scaled = sizeA << BigInt(shift);
  const quotient = scaled / sizeB;
  // The lowest bit stands for all that the division leaves over.
  const exact = scaled % sizeB === 0n ? quotient : quotient | 1n;
  const size = toFloat(exact) * 2 ** -shift;
  return a < 0n === b < 0n ? size : -size;
}

function power(a: bigint, b: bigint, meter: Meter): Value {
  if (b < 0n) {
    if (a === 0n) throw failed('zero cannot be raised to a negative power');
    const size = -b;
    return bitsOf(a) * Number(size) > MAX_EXACT_BITS
      ? floatPower(toFloat(a), toFloat(b))
      : divide(1n, a ** size);
  }
  const isSmall = a >= -1n && a <= 1n;
  meter.bits(isSmall ? 1 : bitsOf(a) * Math.min(Number(b), Number.MAX_SAFE_INTEGER));
  return isSmall ? (a === -1n && b % 2n === 0n ? 1n : b === 0n ? 1n : a) : a ** b;
}

export function toFloat(value: bigint | number): number {
  const float = Number(value);
  if (typeof value === 'bigint' && !Number.isFinite(float))
    throw failed('a whole number is too large for a fraction');
  return float;
}

function ofFloats(operator: Operator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw failed('a division by zero');
      return a / b;
    case '//':
      return floorAndRest(a, b).floor;
    case '%':
      return floorAndRest(a, b).rest;
    case '**':
      return floatPower(a, b);
  }
}

/** CPython's `float_divmod`. */
function floorAndRest(a: number, b: number): { floor: number; rest: number } {
  if (b === 0) throw failed('a division by zero');
  let rest = a % b;
  let quotient = (a - rest) / b;
  if (rest !== 0) {
    if (b < 0 !== rest < 0) {
      rest += b;
      quotient -= 1;
    }
  } else rest = b < 0 ? -0 : 0;
  if (quotient === 0) return { floor: a / b < 0 || Object.is(a / b, -0) ? -0 : 0, rest };
  const floor = Math.floor(quotient);
  return { floor: quotient - floor > 0.5 ? floor + 1 : floor, rest };
}

/** Bits of powers that are computed exactly. */
const MAX_EXACT_BITS = 5000;

/** A whole power of a float, rounded once as the C library does; JavaScript may be off by the last digit. */
function exactPower(a: number, b: number): number {
  const { whole, shift } = binaryOf(Math.abs(a));
  const exponent = BigInt(Math.abs(b));
  const raised = whole ** exponent;
  const scale = shift * Math.abs(b);
  const [numerator, denominator] =
    scale >= 0 ? [raised << BigInt(scale), 1n] : [raised, 1n << BigInt(-scale)];
  const size = b < 0 ? divide(denominator, numerator) : divide(numerator, denominator);
  return a < 0 && b % 2 !== 0 ? -size : size;
}

function floatPower(a: number, b: number): number {
  if (b === 0 || a === 1) return 1;
  if (a === 0 && b < 0) throw failed('zero cannot be raised to a negative power');
  // JavaScript has no value for 1 ** inf and -1 ** inf.
  if (a === -1 && !Number.isFinite(b) && !Number.isNaN(b)) return 1;
  const isExact = Number.isInteger(b) && Math.abs(b) <= 64 && a !== 0 && Number.isFinite(a);
  const result = isExact ? exactPower(a, b) : a ** b;
  if (Number.isNaN(result) && !Number.isNaN(a) && !Number.isNaN(b))
    throw failed('a negative number has no real power of a fraction');
  if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b))
    throw failed('a power is too large');
  return result;
}

/** `-value` and `+value` */
export function sign(operator: '-' | '+', value: Value): Value {
  if (value instanceof Undefined) throw absent(value);
  if (!isNumber(value)) {
    const advice =
      textOf(value) === undefined ? '' : ': write | int or | float after the text, in parentheses';
    throw failed(`${operator}${kindOf(value)} is not defined${advice}`);
  }
  const number = typeof value === 'boolean' ? BigInt(value) : value;
  return operator === '-' ? -number : number;
}

/** `abs(value)` */
export function absolute(value: Value): Value {
  if (value instanceof Undefined) throw absent(value);
  if (!isNumber(value)) throw failed(`abs needs a number, not ${kindOf(value)}`);
  if (typeof value === 'number') return Math.abs(value);
  const whole = BigInt(value);
  return whole < 0n ? -whole : whole;
}

/** `round(value, digits)`: ties go to the even digit. An int stays one. */
export function round(value: Value, digits: bigint | undefined): Value {
  if (value instanceof Undefined) throw absent(value);
  if (!isNumber(value)) throw failed(`round needs a number, not ${kindOf(value)}: write | float before it`);
  if (typeof value !== 'number') return roundWhole(BigInt(value), digits ?? 0n);
  if (digits === undefined) return roundToWhole(value);
  if (!Number.isFinite(value)) return value;
  // As CPython: beyond these, no digit changes, or none is left.
  if (digits > 323n) return value;
  if (digits < -308n) return value < 0 ? -0 : 0;
  return roundFloat(value, Number(digits));
}

function roundWhole(whole: bigint, digits: bigint): bigint {
  if (digits >= 0n) return whole;
  if (-digits > BigInt(bitsOf(whole) + MAX_NESTING)) return 0n;
  const unit = 10n ** -digits;
  return roundHalfEven(whole, unit) * unit;
}

function roundToWhole(value: number): bigint {
  if (!Number.isFinite(value)) throw failed('a number that is not finite cannot be rounded');
  const { whole, shift } = binaryOf(Math.abs(value));
  const size = shift >= 0 ? whole << BigInt(shift) : roundHalfEven(whole, 1n << BigInt(-shift));
  return value < 0 ? -size : size;
}

function roundFloat(value: number, digits: number): number {
  const { whole, shift } = binaryOf(Math.abs(value));
  const unit = 10n ** BigInt(Math.abs(digits));
  const numerator = (digits >= 0 ? whole * unit : whole) << BigInt(Math.max(shift, 0));
  const denominator = (digits >= 0 ? 1n : unit) << BigInt(Math.max(-shift, 0));
  const rounded = roundHalfEven(numerator, denominator);
  const size = Number(digits >= 0 ? `${rounded}e-${digits}` : String(rounded * unit));
  return value < 0 ? -size : size;
}
