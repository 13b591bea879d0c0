/** The formats `e`, `f` and `g` of floats, which `%` and `format` share. */

import { binaryOf, exponentOf, fixedText, roundHalfEven } from './numerals.ts';

export interface FloatFormat {
  type: 'e' | 'f' | 'g';
  precision: number;
  /** `#`: keeps the point and trailing zeros. */
  keepsPoint?: boolean;
  /** Format of a float without a type: one digit after the point at least. */
  isGeneral?: boolean;
}

/** Returns the digits of a number that is not negative, without a sign. */
export function formatFloat(value: number, { type, precision, keepsPoint, isGeneral }: FloatFormat): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return 'inf';
  const point = keepsPoint === true ? '.' : '';
  if (type === 'f') return fixedText(value, precision) + (precision === 0 ? point : '');
  if (type === 'e') {
    const { digits, exponent } = significantDigits(value, precision + 1);
    const rest = digits.slice(1);
    return `${digits[0]}${rest === '' ? point : `.${rest}`}e${exponentOf(exponent)}`;
  }
  const significant = Math.max(precision, 1);
  const { digits, exponent } = significantDigits(value, significant);
  const most = isGeneral === true ? significant - 1 : significant;
  const kept = keepsPoint === true ? digits : digits.replace(/(?<!0)0+$/, '') || '0';
  if (exponent < -4 || exponent >= most) {
    const rest = kept.slice(1);
    return `${kept[0]}${rest === '' ? point : `.${rest}`}e${exponentOf(exponent)}`;
  }
  const plain = insertPoint(kept, exponent);
  if (isGeneral === true && !plain.includes('.')) return `${plain}.0`;
  return keepsPoint === true && !plain.includes('.') ? `${plain}.` : plain;
}

/** Returns a number of digits and the decimal exponent of the first; ties go to the even digit. */
function significantDigits(value: number, wanted: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: '0'.repeat(wanted), exponent: 0 };
  const { whole, shift } = binaryOf(value);
  const numerator = whole << BigInt(Math.max(shift, 0));
  const denominator = 1n << BigInt(Math.max(-shift, 0));
  let exponent = Number(value.toExponential().split('e')[1] ?? 0);
  // The shortest digits of 9.9999999999999995e-8 are 1e-7.
  const unit = 10n ** BigInt(Math.abs(exponent));
  if (exponent < 0 ? numerator * unit < denominator : numerator < denominator * unit) exponent -= 1;
  const scale = wanted - 1 - exponent;
  const power = 10n ** BigInt(Math.abs(scale));
  const digits = String(
    scale >= 0
      ? roundHalfEven(numerator * power, denominator)
      : roundHalfEven(numerator, denominator * power),
  );
  // 9.99 may round to 10.
  return digits.length > wanted
    ? { digits: digits.slice(0, wanted), exponent: exponent + 1 }
    : { digits, exponent };
}

function insertPoint(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const rest = digits.slice(exponent + 1);
  return rest === '' ? whole : `${whole}.${rest}`;
}
