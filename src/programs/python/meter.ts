/** Counts the work of a render. Texts and lists cost their length, so the same budget bounds its memory. */

import { PyError } from './py-error.ts';

/** Characters of one text. */
export const MAX_TEXT = 1_000_000;

/** Decimal digits of a whole number; Python prints no longer one. */
export const MAX_DIGITS = 4300;

/** Of a whole number: {@link MAX_DIGITS} digits. */
const MAX_BITS = 14_285;

/** Characters that cost one unit. */
const CHARACTERS_PER_UNIT = 16;

/** Levels of nested values, and of macros that call each other. */
export const MAX_NESTING = 100;

export const TOO_MUCH_WORK =
  'takes too much work and was stopped: a loop runs too often, or a value is too long';
const TOO_MUCH_MEMORY = 'needs too much memory and was stopped: a value is too long or nested too deeply';

export class Meter {
  /** Levels of calls in progress. */
  depth = 0;

  /** `left`: units that may still be used, of some 20 to 50 ns. */
  left: number;

  constructor(left: number) {
    this.left = left;
  }

  spend(units: number): void {
    this.left -= units;
    if (this.left < 0) throw new PyError('limit', TOO_MUCH_WORK);
  }

  /** Pays for reading or making a text. Must be called before a text is made whose length can grow. */
  text(length: number): void {
    if (length > MAX_TEXT) throw new PyError('limit', TOO_MUCH_MEMORY);
    this.spend(1 + length / CHARACTERS_PER_UNIT);
  }

  /** Pays for a whole number of this size. */
  bits(count: number): void {
    if (count > MAX_BITS)
      throw new PyError('limit', `has a whole number of more than ${MAX_DIGITS} digits and was stopped`);
    this.spend(1 + count / CHARACTERS_PER_UNIT);
  }

  /** Throws if a value is nested too deeply. */
  nesting(depth: number): void {
    this.spend(1);
    if (depth > MAX_NESTING) throw new PyError('limit', TOO_MUCH_MEMORY);
  }
}
