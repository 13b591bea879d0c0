/** The variable `loop` of a `for` block. */

import { bind } from '../../python/arguments.ts';
import { equals } from '../../python/compare.ts';
import type { Meter } from '../../python/meter.ts';
import { failed, misused } from '../../python/py-error.ts';
import {
  type Args,
  orElse,
  PyFunction,
  PyObject,
  PyTuple,
  Undefined,
  type Value,
} from '../../python/values.ts';

export class Loop extends PyObject {
  readonly typeName = 'loop';
  index0 = 0;
  private readonly items: readonly Value[];
  private readonly depth0: number;
  /** Renders the body for the items of a recursive call. */
  private readonly recurse: ((items: Value, depth: number) => string) | undefined;
  private changedFrom: Value[] | undefined;

  constructor(items: readonly Value[], depth0: number, recurse?: (items: Value, depth: number) => string) {
    super();
    this.items = items;
    this.depth0 = depth0;
    this.recurse = recurse;
  }

  override get isCallable(): boolean {
    return true;
  }

  override call(args: Args): Value {
    if (this.recurse === undefined) throw misused('loop() needs the word recursive at the end of its for');
    const [items = null] = bind('loop', args, ['items']);
    return this.recurse(items, this.depth0 + 1);
  }

  override print(): string {
    return `<LoopContext ${this.index0 + 1}/${this.items.length}>`;
  }

  override attribute(name: string): Value | undefined {
    const { index0, items, depth0 } = this;
    const { length } = items;
    switch (name) {
      case 'index':
        return BigInt(index0 + 1);
      case 'index0':
        return BigInt(index0);
      case 'revindex':
        return BigInt(length - index0);
      case 'revindex0':
        return BigInt(length - index0 - 1);
      case 'first':
        return index0 === 0;
      case 'last':
        return index0 === length - 1;
      case 'length':
        return BigInt(length);
      case 'depth':
        return BigInt(depth0 + 1);
      case 'depth0':
        return BigInt(depth0);
      case 'previtem':
        return orElse(items[index0 - 1], new Undefined());
      case 'nextitem':
        return orElse(items[index0 + 1], new Undefined());
      case 'cycle':
        return new PyFunction('cycle', ({ positional }) => {
          const item = positional[index0 % positional.length];
          if (item === undefined) throw failed('cycle needs values');
          return item;
        });
      case 'changed':
        return new PyFunction('changed', ({ positional }, meter) => this.hasChanged(positional, meter));
      default:
        return undefined;
    }
  }

  private hasChanged(values: readonly Value[], meter: Meter): boolean {
    const before = this.changedFrom;
    this.changedFrom = [...values];
    return before === undefined || !equals(new PyTuple(before), new PyTuple(values), meter);
  }
}
