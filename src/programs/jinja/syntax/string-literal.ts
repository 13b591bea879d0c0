/** The value of a string literal, with Python's escapes. */

import { TemplateSyntaxError } from './syntax-error.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]|$))/gu;

/** `literal` has its quotes. An escape that Python does not know keeps its backslash. */
export function readString(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(ESCAPE, (whole, x?: string, u?: string, long?: string, octal?: string, letter?: string) => {
      const hex = x ?? u ?? long;
      if (hex !== undefined) return characterOf(Number.parseInt(hex, 16), whole);
      if (octal !== undefined) return characterOf(Number.parseInt(octal, 8), whole);
      const known = SIMPLE[letter ?? ''];
      if (known !== undefined) return known;
      if (letter !== undefined && 'xuUN'.includes(letter))
        throw new TemplateSyntaxError(`the escape ${whole} is not complete`, { at: literal });
      return whole;
    });
}

function characterOf(point: number, escape: string): string {
  if (point > 0x10ffff) throw new TemplateSyntaxError(`the escape ${escape} is no character`);
  return String.fromCodePoint(point);
}
