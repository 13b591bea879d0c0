/** The values of Python that a template can hold. */

import type { Meter } from './meter.ts';
import { failed, misused } from './py-error.ts';

/** A `bigint` is Python's int and a `number` its float; an array is a list. */
export type Value =
  | string
  | bigint
  | number
  | boolean
  | null
  | Value[]
  | PyTuple
  | PyDict
  | PyRange
  | PyView
  | PyIterator
  | SafeText
  | Undefined
  | PyObject;

/** The arguments of a call. */
export interface Args {
  positional: readonly Value[];
  named: ReadonlyMap<string, Value>;
}

export class PyTuple {
  readonly items: readonly Value[];
  /** Names of the items, if they are attributes too. */
  readonly names: readonly string[];

  constructor(items: readonly Value[], names: readonly string[] = []) {
    this.items = items;
    this.names = names;
  }
}

export class PyRange {
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;

  constructor(start: bigint, stop: bigint, step: bigint) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get length(): number {
    const { start, stop, step } = this;
    const span = step > 0n ? stop - start + step - 1n : start - stop - step - 1n;
    return span > 0n ? Number(span / (step > 0n ? step : -step)) : 0;
  }

  at(index: number): bigint {
    return this.start + BigInt(index) * this.step;
  }
}

/** Python's generators and other iterators, which can be read once. */
export class PyIterator {
  readonly iterator: Iterator<Value, unknown>;

  constructor(iterator: Iterator<Value, unknown>) {
    this.iterator = iterator;
  }

  next(): Value | undefined {
    const step = this.iterator.next();
    return step.done === true ? undefined : step.value;
  }
}

/** A text that is marked as safe HTML, as `safe`, `escape` and `tojson` return it. */
export class SafeText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * An absent value. Without a name it is what `first` makes of an empty list and is used as an empty text; with a name
 * it is a variable, a member or an item that the data lack, and may be tested, but neither printed nor iterated.
 */
export class Undefined {
  readonly name: string | undefined;

  constructor(name?: string) {
    this.name = name;
  }
}

/** Objects that have attributes of their own: functions, namespaces, loops. */
export abstract class PyObject {
  abstract readonly typeName: string;

  attribute(_name: string): Value | undefined {
    return undefined;
  }

  call(_args: Args, _meter: Meter): Value {
    throw failed(`${this.typeName} cannot be called: it is not a function`);
  }

  get isCallable(): boolean {
    return false;
  }

  /** Returns what the object prints. Throws if Python would print an address in memory. */
  print(_repr: (value: Value) => string): string {
    throw misused(`${this.typeName} cannot be printed: print what it returns, or one of its members`);
  }
}

export class PyFunction extends PyObject {
  readonly typeName: string;
  readonly run: (args: Args, meter: Meter) => Value;

  constructor(typeName: string, run: (args: Args, meter: Meter) => Value) {
    super();
    this.typeName = typeName;
    this.run = run;
  }

  override get isCallable(): boolean {
    return true;
  }

  override call(args: Args, meter: Meter): Value {
    return this.run(args, meter);
  }

  override print(): string {
    throw misused(`${this.typeName} is a function: add () to call it`);
  }
}

let identities = 0;
const identityOf = new WeakMap<object, number>();

/** Returns a text that is equal for the values that Python treats as the same key. */
export function keyOf(value: Value): string {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'bigint') return `n${value}`;
  if (typeof value === 'boolean') return value ? 'n1' : 'n0';
  if (typeof value === 'number') return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
  if (value === null) return 'none';
  if (value instanceof SafeText) return `s${value.text}`;
  if (value instanceof Undefined) return 'undefined';
  if (Array.isArray(value) || value instanceof PyDict)
    throw failed(`${kindOf(value)} cannot be a key, nor be compared for uniqueness`);
  if (value instanceof PyTuple) {
    const keys = value.items.map(keyOf);
    return `t${keys.map((key) => `${key.length}:${key}`).join('')}`;
  }
  if (value instanceof PyRange)
    return `r${value.length}:${value.length > 0 ? value.start : ''}:${value.step}`;
  let identity = identityOf.get(value);
  if (identity === undefined) identityOf.set(value, (identity = identities += 1));
  return `o${identity}`;
}

/** Python's dict, in the order of insertion. */
export class PyDict {
  private readonly members = new Map<string, [Value, Value]>();

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.members.size;
  }

  has(key: Value): boolean {
    return this.members.has(keyOf(key));
  }

  get(key: Value): Value | undefined {
    return this.members.get(keyOf(key))?.[1];
  }

  /** Keeps the first of equal keys, as Python does. */
  set(key: Value, value: Value): void {
    const known = keyOf(key);
    const member = this.members.get(known);
    if (member === undefined) this.members.set(known, [key, value]);
    else member[1] = value;
  }

  delete(key: Value): boolean {
    return this.members.delete(keyOf(key));
  }

  clear(): void {
    this.members.clear();
  }

  entries(): [Value, Value][] {
    return Array.from(this.members.values(), ([key, value]) => [key, value]);
  }

  keys(): Value[] {
    return Array.from(this.members.values(), ([key]) => key);
  }

  values(): Value[] {
    return Array.from(this.members.values(), ([, value]) => value);
  }
}

/** `dict.items()`, `keys()` and `values()`: they show later changes of the dict. */
export class PyView {
  readonly kind: 'items' | 'keys' | 'values';
  readonly dict: PyDict;

  constructor(kind: 'items' | 'keys' | 'values', dict: PyDict) {
    this.kind = kind;
    this.dict = dict;
  }

  items(): Value[] {
    if (this.kind === 'items') return this.dict.entries().map((entry) => new PyTuple(entry));
    return this.kind === 'keys' ? this.dict.keys() : this.dict.values();
  }
}

/** Returns a value, or one in its place if there is none: `null`, which is Python's None, is a value. */
export function orElse(value: Value | undefined, otherwise: Value): Value {
  return value === undefined ? otherwise : value;
}

/** Returns the text of a value that is one, also if it is marked as safe; otherwise undefined. */
export function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof SafeText ? value.text : undefined;
}

/** Returns the kind of a value for messages, with its article. */
export function kindOf(value: Value): string {
  if (textOf(value) !== undefined) return 'a text';
  if (typeof value === 'bigint') return 'a whole number';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return 'true or false';
  if (value === null) return 'none';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof PyTuple) return 'a tuple';
  if (value instanceof PyDict) return 'a dict';
  if (value instanceof PyRange) return 'a range';
  if (value instanceof PyIterator) return 'a generator';
  if (value instanceof PyView) return 'a view of a dict';
  return value instanceof PyObject ? value.typeName : 'an absent value';
}

export function isNumber(value: Value): value is bigint | number | boolean {
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean';
}

export function isTrue(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value !== '';
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value === 'number') return value !== 0;
  if (value === null || value instanceof Undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof PyTuple) return value.items.length > 0;
  if (value instanceof PyDict) return value.size > 0;
  if (value instanceof PyView) return value.dict.size > 0;
  if (value instanceof PyRange) return value.length > 0;
  return value instanceof SafeText ? value.text !== '' : true;
}
