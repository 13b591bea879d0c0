/** Filters that return a generator, which has to be turned into a list or a text to be printed. */

import { count } from '../../python/arguments.ts';
import { iterate, listOf } from '../../python/iterate.ts';
import { failed, misused, PyError } from '../../python/py-error.ts';
import {
  type Args,
  isTrue,
  keyOf,
  kindOf,
  PyDict,
  PyIterator,
  PyTuple,
  textOf,
  Undefined,
  type Value,
} from '../../python/values.ts';
import { attributeGetter } from './bind-filter.ts';
import type { Filter, Run } from './library.ts';

function nameIn(kind: 'filter' | 'test', { positional }: Args, index: number): string | undefined {
  const given = positional[index];
  if (given === undefined) return undefined;
  const name = textOf(given);
  if (name === undefined) throw misused(`the name of a ${kind} must be a text`);
  return name;
}

function find<T>(known: ReadonlyMap<string, T>, kind: string, name: string): T {
  const found = known.get(name);
  if (found === undefined) throw new PyError('unknown', `unknown ${kind} ${name}`);
  return found;
}

function mapper(args: Args, run: Run): (item: Value) => Value {
  const { positional, named } = args;
  if (positional.length === 0 && named.has('attribute')) {
    const unknown = [...named.keys()].find((name) => name !== 'attribute' && name !== 'default');
    if (unknown !== undefined) throw misused(`map does not take ${unknown}`);
    return attributeGetter(named.get('attribute'), { otherwise: named.get('default') ?? null }, run);
  }
  const name = nameIn('filter', args, 0);
  if (name === undefined) throw misused('map needs the name of a filter, or attribute="name"');
  const rest = { positional: positional.slice(1), named };
  return (item) => find(run.library.filters, 'filter', name)(item, rest, run);
}

/** Generators read their input when they are read. */
function lazy(generate: (piped: Value, args: Args, run: Run) => Generator<Value, void>): Filter {
  return (piped, args, run) => {
    run.meter.spend(2);
    return new PyIterator(generate(piped, args, run));
  };
}

const map = lazy(function* (piped, args, run) {
  if (!isTrue(piped)) return;
  const change = mapper(args, run);
  for (const item of iterate(piped, run.meter)) yield change(item);
});

function selector(name: string, { keeps, byAttribute }: { keeps: boolean; byAttribute: boolean }): Filter {
  return lazy(function* (piped, args, run) {
    if (!isTrue(piped)) return;
    const offset = byAttribute ? 1 : 0;
    const [attribute] = args.positional;
    if (byAttribute && attribute === undefined) throw misused(`${name} needs the name of an attribute`);
    const get = byAttribute ? attributeGetter(attribute, {}, run) : (item: Value) => item;
    const testName = nameIn('test', args, offset);
    const rest = { positional: args.positional.slice(1 + offset), named: args.named };
    for (const item of iterate(piped, run.meter)) {
      const value = get(item);
      const holds =
        testName === undefined ? isTrue(value) : find(run.library.tests, 'test', testName)(value, rest, run);
      if (holds === keeps) yield item;
    }
  });
}

const unique = lazy(function* (piped, args, run) {
  const { positional, named } = args;
  const caseSensitive = positional[0] ?? named.get('case_sensitive') ?? false;
  const get = attributeGetter(
    positional[1] ?? named.get('attribute'),
    { ignoresCase: !isTrue(caseSensitive) },
    run,
  );
  const seen = new Set<string>();
  for (const item of iterate(piped, run.meter)) {
    const key = keyOf(get(item));
    run.meter.text(key.length);
    if (seen.has(key)) continue;
    seen.add(key);
    yield item;
  }
});

const batch = lazy(function* (piped, args, run) {
  const { size, fill } = sizeAndFill(args, 'batch', 'linecount');
  let group: Value[] = [];
  for (const item of iterate(piped, run.meter)) {
    if (group.length === size) {
      yield group;
      group = [];
    }
    group.push(item);
  }
  if (group.length === 0) return;
  if (fill !== null && group.length < size) {
    run.meter.spend(size);
    while (group.length < size) group.push(fill);
  }
  yield group;
});

const slice = lazy(function* (piped, args, run) {
  const { size, fill } = sizeAndFill(args, 'slice', 'slices');
  const items = listOf(piped, run.meter);
  if (size === 0) throw failed('slice needs a number of slices that is not zero');
  const each = Math.floor(items.length / size);
  const longer = ((items.length % size) + size) % size;
  let offset = 0;
  for (let nth = 0; nth < size; nth += 1) {
    run.meter.spend(1);
    const start = offset + nth * each;
    if (nth < longer) offset += 1;
    const group = items.slice(start, offset + (nth + 1) * each);
    if (fill !== null && nth >= longer) group.push(fill);
    yield group;
  }
});

function sizeAndFill(
  { positional, named }: Args,
  name: string,
  parameter: string,
): { size: number; fill: Value } {
  const size = positional[0] ?? named.get(parameter);
  if (size === undefined) throw misused(`${name} needs a number`);
  return { size: count(size, name), fill: positional[1] ?? named.get('fill_with') ?? null };
}

const items = lazy(function* (piped) {
  if (piped instanceof Undefined) return;
  if (!(piped instanceof PyDict)) throw failed(`items needs a dict, not ${kindOf(piped)}`);
  for (const entry of piped.entries()) yield new PyTuple(entry);
});

/** A generator is made from any value; it fails when it is read. */
export const lazyFilters: Readonly<Record<string, Filter>> = {
  batch,
  items,
  map,
  reject: selector('reject', { keeps: false, byAttribute: false }),
  rejectattr: selector('rejectattr', { keeps: false, byAttribute: true }),
  select: selector('select', { keeps: true, byAttribute: false }),
  selectattr: selector('selectattr', { keeps: true, byAttribute: true }),
  slice,
  unique,
};
