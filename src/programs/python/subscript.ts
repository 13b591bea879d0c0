/** Items and slices: `value[key]`, `value[start:stop:step]`. */

import { count } from './arguments.ts';
import { charactersOf } from './code-points.ts';
import type { Meter } from './meter.ts';
import { absent } from './print.ts';
import { failed } from './py-error.ts';
import { kindOf, PyDict, PyRange, PyTuple, SafeText, textOf, Undefined, type Value } from './values.ts';

/** Returns an item; undefined if the value has none at that key, or no items at all. */
export function itemAt(value: Value, key: Value, meter: Meter): Value | undefined {
  meter.spend(1);
  if (value instanceof PyDict) return isHashable(key) ? value.get(key) : undefined;
  if (typeof key !== 'bigint' && typeof key !== 'boolean') return undefined;
  const index = count(key, 'an index');
  const text = textOf(value);
  if (text !== undefined) {
    meter.text(text.length);
    const character = charactersOf(text).at(index);
    return character !== undefined && value instanceof SafeText ? new SafeText(character) : character;
  }
  if (value instanceof PyRange) {
    const at = index < 0 ? index + value.length : index;
    return at >= 0 && at < value.length ? value.at(at) : undefined;
  }
  const items = Array.isArray(value) ? value : value instanceof PyTuple ? value.items : undefined;
  return items?.at(index);
}

function isHashable(key: Value): boolean {
  return !Array.isArray(key) && !(key instanceof PyDict);
}

/** The bounds of a slice; none of them is null or an int. */
export interface Slice {
  start: Value;
  stop: Value;
  step: Value;
}

export function sliceOf(value: Value, slice: Slice, meter: Meter): Value {
  if (value instanceof Undefined) throw absent(value);
  const text = textOf(value);
  if (text !== undefined) {
    meter.text(text.length);
    const characters = charactersOf(text);
    const picked = indexesOf(slice, characters.length).map((index) => characters[index] ?? '');
    const sliced = picked.join('');
    return value instanceof SafeText ? new SafeText(sliced) : sliced;
  }
  if (value instanceof PyRange) return sliceRange(value, slice);
  const items = Array.isArray(value) ? value : value instanceof PyTuple ? value.items : undefined;
  if (items === undefined) throw failed(`${kindOf(value)} has no slices: add | list before [`);
  meter.spend(items.length / 4);
  const picked = indexesOf(slice, items.length).map((index) => items[index] ?? null);
  return Array.isArray(value) ? picked : new PyTuple(picked);
}

function sliceRange(range: PyRange, slice: Slice): PyRange {
  const { start, stop, step } = boundsOf(slice, range.length);
  const begin = range.start + BigInt(start) * range.step;
  return new PyRange(begin, range.start + BigInt(stop) * range.step, range.step * BigInt(step));
}

function boundsOf(
  { start, stop, step }: Slice,
  length: number,
): { start: number; stop: number; step: number } {
  const by = step === null ? 1 : count(step, 'a slice');
  if (by === 0) throw failed('the step of a slice cannot be zero');
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
  const clamp = (bound: Value, otherwise: number) => {
    if (bound === null) return otherwise;
    const index = count(bound, 'a slice');
    return Math.min(Math.max(index < 0 ? index + length : index, low), high);
  };
  return { start: clamp(start, by > 0 ? low : high), stop: clamp(stop, by > 0 ? high : low), step: by };
}

function indexesOf(slice: Slice, length: number): number[] {
  const { start, stop, step } = boundsOf(slice, length);
  const indexes: number[] = [];
  for (let index = start; step > 0 ? index < stop : index > stop; index += step) indexes.push(index);
  return indexes;
}
