/** Jinja2's global functions. */

import { bind, wholeNumber } from '../../python/arguments.ts';
import { fill } from '../../python/methods/dict-methods.ts';
import { failed, misused } from '../../python/py-error.ts';
import { PyDict, PyFunction, PyObject, PyRange, type Value } from '../../python/values.ts';
import type { GlobalFunction } from './library.ts';

/** `namespace(n=0)`: its members can be set inside of loops. */
export class Namespace extends PyObject {
  readonly typeName = 'a namespace';
  readonly members: PyDict;

  constructor(members: PyDict) {
    super();
    this.members = members;
  }

  override attribute(name: string): Value | undefined {
    return this.members.get(name);
  }

  override print(printValue: (value: Value) => string): string {
    return `<Namespace ${printValue(this.members)}>`;
  }
}

class Cycler extends PyObject {
  readonly typeName = 'a cycler';
  private readonly items: readonly Value[];
  private position = 0;

  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }

  override attribute(name: string): Value | undefined {
    const current = this.items[this.position] ?? null;
    if (name === 'current') return current;
    if (name === 'reset')
      return new PyFunction('reset', (args) => {
        bind('reset', args, []);
        this.position = 0;
        return null;
      });
    if (name !== 'next') return undefined;
    return new PyFunction('next', (args) => {
      bind('next', args, []);
      const item = this.items[this.position] ?? null;
      this.position = (this.position + 1) % this.items.length;
      return item;
    });
  }
}

const range: GlobalFunction = ({ positional, named }) => {
  if (named.size > 0) throw misused('range takes no named arguments');
  if (positional.length === 0 || positional.length > 3)
    throw misused('range takes one to three whole numbers');
  const [first = 0n, second, step = 1n] = positional.map((given) => wholeNumber(given, 'range'));
  if (step === 0n) throw failed('the step of range cannot be zero');
  return second === undefined ? new PyRange(0n, first, 1n) : new PyRange(first, second, step);
};

const makeDict: GlobalFunction = (args, { meter }) => {
  const [given] = bind('dict', { ...args, named: new Map() }, ['pairs?']);
  const dict = new PyDict();
  fill(dict, given, args.named, meter);
  return dict;
};

export const functions: Readonly<Record<string, GlobalFunction>> = {
  range,
  dict: makeDict,
  namespace(args, run) {
    const members = makeDict(args, run);
    return new Namespace(members as PyDict);
  },
  cycler({ positional, named }) {
    if (positional.length === 0 || named.size > 0) throw misused('cycler needs values');
    return new Cycler(positional);
  },
  joiner(args, { meter }) {
    const [separator = ', '] = bind('joiner', args, ['sep?']);
    let isUsed = false;
    return new PyFunction('a joiner', (given) => {
      bind('joiner', given, []);
      meter.spend(1);
      const result = isUsed ? separator : '';
      isUsed = true;
      return result;
    });
  },
};
