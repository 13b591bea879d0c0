/** Methods that change letters, widths and ends of texts. */

import { bind, count, text } from '../arguments.ts';
import { charactersOf, isSpace, lengthOf, strip } from '../code-points.ts';
import { capitalize, swapCase, titleWords } from '../letter-case.ts';
import type { Meter } from '../meter.ts';
import { failed } from '../py-error.ts';
import type { Value } from '../values.ts';
import type { Method, Methods } from './method.ts';

/** A method without arguments. */
function plain(name: string, change: (self: string) => string): Method<string> {
  return (self, args, meter) => {
    bind(name, args, []);
    meter.text(self.length * 4);
    return change(self);
  };
}

function stripper(name: string, side: 'both' | 'left' | 'right'): Method<string> {
  return (self, args, meter) => {
    const [given] = bind(name, args, ['chars?']);
    meter.text(self.length);
    return stripText(self, given, side, name);
  };
}

/** Strips white space, or the given characters if there are any. */
export function stripText(
  self: string,
  given: Value | undefined,
  side: 'both' | 'left' | 'right',
  name: string,
): string {
  if (given === undefined || given === null) return strip(self, side, isSpace);
  const stripped = new Set(charactersOf(text(given, name)));
  return strip(self, side, (character) => stripped.has(character));
}

function padder(
  name: string,
  sharesOf: (missing: number, width: number) => [number, number],
): Method<string> {
  return (self, args, meter) => {
    const [width, fill = ' '] = bind(name, args, ['width', 'fillchar?']);
    return padText(self, { width: count(width, name), fill: text(fill, name), sharesOf }, meter);
  };
}

interface Padding {
  width: number;
  fill: string;
  /** Returns the shares of the left and the right side. */
  sharesOf: (missing: number, width: number) => [number, number];
}

export function padText(self: string, { width, fill, sharesOf }: Padding, meter: Meter): string {
  if (lengthOf(fill) !== 1) throw failed('the text that fills a width must have one character');
  const missing = width - lengthOf(self);
  if (missing <= 0) return self;
  meter.text(self.length + missing);
  const [left, right] = sharesOf(missing, width);
  return fill.repeat(left) + self + fill.repeat(right);
}

/** An odd character goes to the right, unless the width is odd as well. */
export function centerShares(missing: number, width: number): [number, number] {
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return [left, missing - left];
}

export const shapeMethods: Methods<string> = {
  capitalize: plain('capitalize', capitalize),
  lower: plain('lower', (self) => self.toLowerCase()),
  upper: plain('upper', (self) => self.toUpperCase()),
  swapcase: plain('swapcase', swapCase),
  title: plain('title', titleWords),
  strip: stripper('strip', 'both'),
  lstrip: stripper('lstrip', 'left'),
  rstrip: stripper('rstrip', 'right'),
  center: padder('center', centerShares),
  ljust: padder('ljust', (missing) => [0, missing]),
  rjust: padder('rjust', (missing) => [missing, 0]),
  zfill(self, args, meter) {
    const [width] = bind('zfill', args, ['width']);
    const missing = count(width, 'zfill') - lengthOf(self);
    if (missing <= 0) return self;
    meter.text(self.length + missing);
    const sign = /^[-+]/.exec(self)?.[0] ?? '';
    return sign + '0'.repeat(missing) + self.slice(sign.length);
  },
  expandtabs(self, args, meter) {
    const [size = 8n] = bind('expandtabs', args, ['tabsize?']);
    const width = Math.max(0, count(size, 'expandtabs'));
    meter.text(self.length + (self.split('\t').length - 1) * width);
    let column = 0;
    const pieces: string[] = [];
    for (const character of charactersOf(self)) {
      const blanks = width === 0 ? 0 : width - (column % width);
      if (character === '\t') pieces.push(' '.repeat(blanks));
      else pieces.push(character);
      if (character === '\t') column += blanks;
      else column = character === '\n' || character === '\r' ? 0 : column + 1;
    }
    return pieces.join('');
  },
  removeprefix(self, args) {
    const [prefix] = bind('removeprefix', args, ['prefix']);
    const start = text(prefix, 'removeprefix');
    return self.startsWith(start) ? self.slice(start.length) : self;
  },
  removesuffix(self, args) {
    const [suffix] = bind('removesuffix', args, ['suffix']);
    const end = text(suffix, 'removesuffix');
    return end !== '' && self.endsWith(end) ? self.slice(0, -end.length) : self;
  },
};
