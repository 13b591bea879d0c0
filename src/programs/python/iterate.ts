/** `iter`, `len` and `in`. */

import { charactersOf, lengthOf } from './code-points.ts';
import { equals } from './compare.ts';
import type { Meter } from './meter.ts';
import { absent } from './print.ts';
import { failed } from './py-error.ts';
import {
  isNumber,
  kindOf,
  PyDict,
  PyIterator,
  PyRange,
  PyTuple,
  PyView,
  textOf,
  Undefined,
  type Value,
} from './values.ts';

/** Returns whether `iter` accepts a value. */
export function isIterable(value: Value): boolean {
  return (
    textOf(value) !== undefined ||
    Array.isArray(value) ||
    value instanceof PyTuple ||
    value instanceof PyDict ||
    value instanceof PyRange ||
    value instanceof PyView ||
    value instanceof PyIterator ||
    value instanceof Undefined
  );
}

/** Iterates over a value and pays for each item. Throws if it has none. */
export function* iterate(value: Value, meter: Meter): Generator<Value, undefined> {
  if (value instanceof PyRange) {
    for (let index = 0; index < value.length; index += 1) {
      meter.spend(1);
      yield value.at(index);
    }
    return;
  }
  if (value instanceof PyIterator) {
    for (let item = value.next(); item !== undefined; item = value.next()) {
      meter.spend(1);
      yield item;
    }
    return;
  }
  // A list can grow while it is iterated.
  const items = itemsOf(value, meter);
  for (let index = 0; index < items.length; index += 1) {
    meter.spend(1);
    yield items[index] ?? null;
  }
}

function itemsOf(value: Value, meter: Meter): readonly Value[] | string {
  const text = textOf(value);
  if (text !== undefined) {
    meter.text(text.length);
    return charactersOf(text);
  }
  if (Array.isArray(value)) return value;
  if (value instanceof PyTuple) return value.items;
  if (value instanceof PyDict) {
    meter.spend(value.size / 8);
    return value.keys();
  }
  if (value instanceof PyView) {
    meter.spend(value.dict.size / 4);
    return value.items();
  }
  if (value instanceof Undefined) {
    if (value.name === undefined) return [];
    throw absent(value);
  }
  throw failed(`${kindOf(value)} is no list`);
}

/** Returns all items in a new list. */
export function listOf(value: Value, meter: Meter): Value[] {
  const items: Value[] = [];
  for (const item of iterate(value, meter)) items.push(item);
  return items;
}

/** Returns `len(value)`; undefined if it has no length. */
export function lengthIfAny(value: Value): number | undefined {
  const text = textOf(value);
  if (text !== undefined) return lengthOf(text);
  if (Array.isArray(value)) return value.length;
  if (value instanceof PyTuple) return value.items.length;
  if (value instanceof PyDict) return value.size;
  if (value instanceof PyView) return value.dict.size;
  if (value instanceof PyRange) return value.length;
  return value instanceof Undefined && value.name === undefined ? 0 : undefined;
}

export function length(value: Value, meter: Meter): number {
  meter.spend(1 + (textOf(value)?.length ?? 0) / 16);
  if (value instanceof Undefined && value.name !== undefined) throw absent(value);
  const found = lengthIfAny(value);
  if (found === undefined) {
    const advice = value instanceof PyIterator ? ': add | list before it' : '';
    throw failed(`${kindOf(value)} has no length${advice}`);
  }
  return found;
}

/** `item in container` */
export function contains(container: Value, item: Value, meter: Meter): boolean {
  const text = textOf(container);
  if (text !== undefined) {
    const part = textOf(item);
    if (part === undefined) throw failed(`${kindOf(item)} cannot be looked for in a text: add | string`);
    meter.text(text.length);
    return text.includes(part);
  }
  if (container instanceof PyDict) return container.has(item);
  if (container instanceof PyView && container.kind === 'keys') return container.dict.has(item);
  if (container instanceof PyRange) return isNumber(item) && rangeHas(container, item);
  for (const each of iterate(container, meter)) if (equals(each, item, meter)) return true;
  return false;
}

function rangeHas({ start, step, length: size }: PyRange, item: bigint | number | boolean): boolean {
  const number = Number(item);
  if (!Number.isInteger(number)) return false;
  const offset = BigInt(typeof item === 'bigint' ? item : number) - start;
  return offset % step === 0n && offset / step >= 0n && offset / step < BigInt(size);
}
