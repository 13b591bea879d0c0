/** `==`, `<` and sorting. */

import { compareTexts } from './code-points.ts';
import type { Meter } from './meter.ts';
import { absent } from './print.ts';
import { failed, misused } from './py-error.ts';
import {
  isNumber,
  kindOf,
  keyOf,
  PyDict,
  PyRange,
  PyTuple,
  PyView,
  textOf,
  Undefined,
  type Value,
} from './values.ts';

export function equals(left: Value, right: Value, meter: Meter, depth = 0): boolean {
  meter.nesting(depth);
  const [a, b] = [textOf(left), textOf(right)];
  if (a !== undefined || b !== undefined) {
    meter.spend((a?.length ?? 0) / 64);
    return a === b;
  }
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right) === 0;
  if (Array.isArray(left) && Array.isArray(right)) return sameItems(left, right, meter, depth);
  if (left instanceof PyTuple && right instanceof PyTuple)
    return sameItems(left.items, right.items, meter, depth);
  if (left instanceof PyDict && right instanceof PyDict) return sameMembers(left, right, meter, depth);
  if (left instanceof PyRange && right instanceof PyRange) return sameRange(left, right);
  if (left instanceof PyView && right instanceof PyView) return sameView(left, right, meter);
  if (left instanceof Undefined && right instanceof Undefined) return true;
  return left === right;
}

function sameItems(left: readonly Value[], right: readonly Value[], meter: Meter, depth: number): boolean {
  if (left.length !== right.length) return false;
  return left.every((item, index) => isSame(item, right[index] ?? null, meter, depth + 1));
}

/** Lists compare the same object as equal, even a number that is none. */
function isSame(left: Value, right: Value, meter: Meter, depth: number): boolean {
  return (typeof left === 'object' && left === right) || equals(left, right, meter, depth);
}

function sameMembers(left: PyDict, right: PyDict, meter: Meter, depth: number): boolean {
  if (left.size !== right.size) return false;
  return left.entries().every(([key, value]) => {
    const other = right.get(key);
    return other !== undefined && equals(value, other, meter, depth + 1);
  });
}

function sameRange(left: PyRange, right: PyRange): boolean {
  const { length } = left;
  if (length !== right.length) return false;
  if (length === 0) return true;
  return left.start === right.start && (length === 1 || left.step === right.step);
}

/** Keys and items are compared as sets; values are equal to themselves only. */
function sameView(left: PyView, right: PyView, meter: Meter): boolean {
  if (left.kind === 'values' || right.kind === 'values') return left === right;
  meter.spend(left.dict.size + right.dict.size);
  const keys = new Set(right.items().map(keyOf));
  return left.dict.size === right.dict.size && left.items().every((item) => keys.has(keyOf(item)));
}

/** Returns a negative number, zero or a positive one; NaN if one of them is. */
function compareNumbers(left: bigint | number | boolean, right: bigint | number | boolean): number {
  const a = typeof left === 'boolean' ? Number(left) : left;
  const b = typeof right === 'boolean' ? Number(right) : right;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  // JavaScript compares an int with a float exactly, as Python does.
  return a < b ? -1 : a > b ? 1 : 0;
}

export type Order = '<' | '<=' | '>' | '>=';

/** `left < right` and its like. Throws if Python has no order for them. */
export function isOrdered(order: Order, left: Value, right: Value, meter: Meter): boolean {
  const difference = compare(left, right, meter, order, 0);
  if (order === '<') return difference < 0;
  if (order === '<=') return difference <= 0;
  return order === '>' ? difference > 0 : difference >= 0;
}

function compare(left: Value, right: Value, meter: Meter, order: Order, depth: number): number {
  meter.nesting(depth);
  const [a, b] = [textOf(left), textOf(right)];
  if (a !== undefined && b !== undefined) {
    meter.spend(Math.min(a.length, b.length) / 16);
    return compareTexts(a, b);
  }
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return compareItems(left, right, meter, order, depth);
  if (left instanceof PyTuple && right instanceof PyTuple)
    return compareItems(left.items, right.items, meter, order, depth);
  for (const side of [left, right]) if (side instanceof Undefined) throw absent(side);
  if (left instanceof PyView || right instanceof PyView)
    throw misused('views of a dict cannot be compared: add | list');
  throw failed(`${kindOf(left)} cannot be compared with ${kindOf(right)}`);
}

function compareItems(
  left: readonly Value[],
  right: readonly Value[],
  meter: Meter,
  order: Order,
  depth: number,
): number {
  const shorter = Math.min(left.length, right.length);
  for (let at = 0; at < shorter; at += 1) {
    const [a, b] = [left[at] ?? null, right[at] ?? null];
    if (!isSame(a, b, meter, depth + 1)) return compare(a, b, meter, order, depth + 1);
  }
  return left.length - right.length;
}

/** Sorts like Python: stable, also in reverse. Returns a new list. */
export function sorted<T>(
  items: readonly T[],
  keyOfItem: (item: T) => Value,
  reverse: boolean,
  meter: Meter,
): T[] {
  meter.spend(items.length);
  const keyed = items.map((item) => ({ item, key: keyOfItem(item) }));
  const sign = reverse ? -1 : 1;
  keyed.sort((a, b) => {
    if (isOrdered('<', a.key, b.key, meter)) return -sign;
    return isOrdered('<', b.key, a.key, meter) ? sign : 0;
  });
  return keyed.map(({ item }) => item);
}
