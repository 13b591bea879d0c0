/** `json.dumps` of Python: keys sorted, other characters than ASCII escaped. */

import { count } from './arguments.ts';
import { sorted } from './compare.ts';
import type { Meter } from './meter.ts';
import { floatText } from './numerals.ts';
import { absent } from './print.ts';
import { failed } from './py-error.ts';
import { kindOf, PyDict, PyTuple, textOf, Undefined, type Value } from './values.ts';

export function toJsonText(value: Value, indent: Value, meter: Meter): string {
  const unit =
    indent === null
      ? undefined
      : (textOf(indent) ?? ' '.repeat(Math.max(0, Math.min(count(indent, 'tojson'), 100))));
  return write(value, 0, { unit, meter });
}

interface Options {
  unit: string | undefined;
  meter: Meter;
}

function write(value: Value, depth: number, options: Options): string {
  const { meter } = options;
  meter.nesting(depth);
  const text = textOf(value);
  if (text !== undefined) {
    meter.text(text.length * 6);
    return quoteJson(text);
  }
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return jsonNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (value === null) return 'null';
  if (value instanceof Undefined && value.name !== undefined) throw absent(value);
  if (value instanceof PyDict) return writeDict(value, depth, options);
  const items = Array.isArray(value) ? value : value instanceof PyTuple ? value.items : undefined;
  if (items === undefined) throw failed(`${kindOf(value)} has no JSON: add | list, or | string`);
  return layout(
    '[',
    ']',
    items.map((item) => write(item, depth + 1, options)),
    depth,
    options,
  );
}

function writeDict(dict: PyDict, depth: number, options: Options): string {
  const entries = sorted(dict.entries(), ([key]) => key, false, options.meter);
  const members = entries.map(
    ([key, value]) => `${quoteJson(keyText(key))}: ${write(value, depth + 1, options)}`,
  );
  return layout('{', '}', members, depth, options);
}

function keyText(key: Value): string {
  const text = textOf(key);
  if (text !== undefined) return text;
  if (typeof key === 'number') return jsonNumber(key);
  if (typeof key === 'bigint' || typeof key === 'boolean') return String(key);
  if (key === null) return 'null';
  throw failed(`${kindOf(key)} cannot be a key in JSON`);
}

function jsonNumber(value: number): string {
  if (Number.isFinite(value)) return floatText(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

function layout(
  open: string,
  close: string,
  parts: readonly string[],
  depth: number,
  { unit, meter }: Options,
): string {
  if (parts.length === 0) return open + close;
  if (unit === undefined) return open + parts.join(', ') + close;
  const margin = `\n${unit.repeat(depth + 1)}`;
  meter.text(parts.reduce((sum, part) => sum + part.length + margin.length, 0));
  return `${open}${margin}${parts.join(`,${margin}`)}\n${unit.repeat(depth)}${close}`;
}

function quoteJson(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.replace(/[^\0-\x7E]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
