/** `str()` and `repr()`: how Python prints values. */

import { MAX_DIGITS, type Meter } from './meter.ts';
import { floatText } from './numerals.ts';
import { failed, misused, PyError } from './py-error.ts';
import {
  PyDict,
  PyIterator,
  PyObject,
  PyRange,
  PyTuple,
  PyView,
  SafeText,
  Undefined,
  type Value,
} from './values.ts';

/** Returns what `{{ value }}` prints. */
export function str(value: Value, meter: Meter): string {
  if (typeof value === 'string') return value;
  if (value instanceof SafeText) return value.text;
  if (value instanceof Undefined && value.name === undefined) return '';
  return repr(value, meter);
}

export function repr(value: Value, meter: Meter): string {
  const pieces: string[] = [];
  write(value, 0, { meter, pieces });
  return pieces.join('');
}

interface Output {
  meter: Meter;
  pieces: string[];
}

function write(value: Value, depth: number, output: Output): void {
  const { meter, pieces } = output;
  meter.nesting(depth);
  if (typeof value === 'string' || value instanceof SafeText) {
    const isSafe = typeof value !== 'string';
    const quoted = quote(isSafe ? value.text : value);
    meter.text(quoted.length);
    pieces.push(isSafe ? `Markup(${quoted})` : quoted);
  } else if (typeof value === 'bigint') pieces.push(wholeText(value, meter));
  else if (typeof value === 'number') pieces.push(floatText(value));
  else if (typeof value === 'boolean') pieces.push(value ? 'True' : 'False');
  else if (value === null) pieces.push('None');
  else if (Array.isArray(value)) writeItems('[', value, ']', depth, output);
  else if (value instanceof PyTuple)
    writeItems('(', value.items, value.items.length === 1 ? ',)' : ')', depth, output);
  else if (value instanceof PyDict) writeDict(value, depth, output);
  else if (value instanceof PyRange) pieces.push(rangeText(value));
  else if (value instanceof PyView) {
    pieces.push(`dict_${value.kind}(`);
    writeItems('[', value.items(), '])', depth, output);
  } else if (value instanceof PyIterator) {
    throw misused('a generator cannot be printed: add | list, or | join to make a text of it');
  } else if (value instanceof Undefined) throw absent(value);
  else if (value instanceof PyObject) pieces.push(value.print((inner) => repr(inner, meter)));
}

/** The error of a use of an absent value. */
export function absent({ name }: Undefined): PyError {
  return new PyError('absent', 'undefined value', name);
}

function writeItems(
  open: string,
  items: readonly Value[],
  close: string,
  depth: number,
  output: Output,
): void {
  output.pieces.push(open);
  for (const [index, item] of items.entries()) {
    if (index > 0) output.pieces.push(', ');
    write(item, depth + 1, output);
  }
  output.pieces.push(close);
}

function writeDict(dict: PyDict, depth: number, output: Output): void {
  output.pieces.push('{');
  for (const [index, [key, value]] of dict.entries().entries()) {
    if (index > 0) output.pieces.push(', ');
    write(key, depth + 1, output);
    output.pieces.push(': ');
    write(value, depth + 1, output);
  }
  output.pieces.push('}');
}

function rangeText({ start, stop, step }: PyRange): string {
  return step === 1n ? `range(${start}, ${stop})` : `range(${start}, ${stop}, ${step})`;
}

function wholeText(value: bigint, meter: Meter): string {
  const printed = String(value);
  meter.text(printed.length);
  if (printed.length - (value < 0n ? 1 : 0) > MAX_DIGITS)
    throw failed(`a whole number of more than ${MAX_DIGITS} digits cannot be printed`);
  return printed;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Returns `repr(str)`: single quotes, unless only they are in the text. */
export function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\p{C}\p{Z}]/gu, (character) =>
    character === ' ' ? character : (ESCAPES[character] ?? escapePoint(character)),
  );
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

function escapePoint(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const hex = point.toString(16);
  if (point <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return point <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
