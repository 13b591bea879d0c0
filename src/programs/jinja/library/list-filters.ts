/** Filters of lists and dicts that return a list, a text or one item. */

import { calculate } from '../../python/arithmetic.ts';
import { attributeOf } from '../../python/attributes.ts';
import { text } from '../../python/arguments.ts';
import { equals, sorted } from '../../python/compare.ts';
import { iterate, length, listOf } from '../../python/iterate.ts';
import { toJsonText } from '../../python/json-text.ts';
import { absent, str } from '../../python/print.ts';
import { failed, misused } from '../../python/py-error.ts';
import {
  isTrue,
  kindOf,
  orElse,
  PyDict,
  PyIterator,
  PyTuple,
  PyView,
  SafeText,
  textOf,
  Undefined,
  type Value,
} from '../../python/values.ts';
import { attributeGetter, filter, lowered } from './bind-filter.ts';
import type { Filter } from './library.ts';

const fallback = filter(
  'default',
  ['default_value?', 'boolean?'],
  (piped, [otherwise = '', isBoolean = false]) =>
    piped instanceof Undefined || (isTrue(isBoolean) && !isTrue(piped)) ? otherwise : piped,
);

const lengthFilter = filter('length', [], (piped, _, { meter }) => BigInt(length(piped, meter)));

/** Returns the items of what `reversed` accepts. */
function reversible(piped: Value, name: string, items: () => Value[]): Value[] {
  if (piped instanceof Undefined && piped.name !== undefined) throw absent(piped);
  if (piped instanceof PyIterator) throw failed(`${name} needs a list: add | list before it`);
  return items();
}

const sort = filter(
  'sort',
  ['reverse?', 'case_sensitive?', 'attribute?'],
  (piped, [reverse = false, caseSensitive = false, attribute = null], run) => {
    const ignoresCase = !isTrue(caseSensitive);
    const attributes = textOf(attribute)?.split(',') ?? [attribute];
    const getters = attributes.map((each) => attributeGetter(each, { ignoresCase }, run));
    const key = (item: Value) => getters.map((get) => get(item));
    return sorted(listOf(piped, run.meter), key, isTrue(reverse), run.meter);
  },
);

const dictsort = filter(
  'dictsort',
  ['case_sensitive?', 'by?', 'reverse?'],
  (piped, [caseSensitive = false, by = 'key', reverse = false], { meter }) => {
    if (piped instanceof Undefined) throw absent(piped);
    if (!(piped instanceof PyDict)) throw failed(`dictsort needs a dict, not ${kindOf(piped)}`);
    const index = ['key', 'value'].indexOf(text(by, 'dictsort'));
    if (index === -1) throw misused('dictsort sorts by key or by value');
    const entries = piped.entries();
    const key = (entry: [Value, Value]) => {
      const value = entry[index] ?? null;
      return isTrue(caseSensitive) ? value : lowered(value);
    };
    return sorted(entries, key, isTrue(reverse), meter).map((entry) => new PyTuple(entry));
  },
);

function extreme(name: 'min' | 'max'): Filter {
  return filter(name, ['case_sensitive?', 'attribute?'], (piped, [caseSensitive = false, attribute], run) => {
    const key = attributeGetter(attribute, { ignoresCase: !isTrue(caseSensitive) }, run);
    const items = listOf(piped, run.meter);
    // The first of equal items.
    return orElse(sorted(items, key, name === 'max', run.meter)[0], new Undefined());
  });
}

const groupby = filter(
  'groupby',
  ['attribute', 'default?', 'case_sensitive?'],
  (piped, [attribute = null, otherwise = null, caseSensitive = false], run) => {
    const { meter } = run;
    const ignoresCase = !isTrue(caseSensitive);
    const keyOf = attributeGetter(attribute, { otherwise, ignoresCase }, run);
    const shown = attributeGetter(attribute, { otherwise }, run);
    const groups: { key: Value; items: Value[] }[] = [];
    for (const item of sorted(listOf(piped, meter), keyOf, false, meter)) {
      const key = keyOf(item);
      const last = groups.at(-1);
      if (last !== undefined && equals(last.key, key, meter)) last.items.push(item);
      else groups.push({ key, items: [item] });
    }
    return groups.map(
      ({ key, items }) =>
        new PyTuple([ignoresCase ? shown(items[0] ?? null) : key, items], ['grouper', 'list']),
    );
  },
);

const join = filter('join', ['d?', 'attribute?'], (piped, [separator = '', attribute = null], run) => {
  const { meter } = run;
  const get = attributeGetter(attribute, {}, run);
  const mark = str(separator, meter);
  const texts = listOf(piped, meter).map((item) => str(get(item), meter));
  meter.text(texts.reduce((sum, each) => sum + each.length + mark.length, 0));
  return texts.join(mark);
});

const sum = filter('sum', ['attribute?', 'start?'], (piped, [attribute = null, start = 0n], run) => {
  const { meter } = run;
  if (textOf(start) !== undefined) throw misused('sum cannot join texts: write join');
  const get = attributeGetter(attribute, {}, run);
  let total: Value = start;
  for (const item of listOf(piped, meter)) total = calculate('+', total, get(item), meter);
  return total;
});

const attr = filter('attr', ['name'], (piped, [name = '']) => {
  if (piped instanceof Undefined) throw absent(piped);
  const wanted = text(name, 'attr');
  return orElse(attributeOf(piped, wanted), new Undefined(wanted));
});

const tojson = filter('tojson', ['indent?'], (piped, [indent = null], { meter }) => {
  const json = toJsonText(piped, indent, meter);
  const escaped = json.replace(/[<>&']/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
  meter.text(escaped.length);
  return new SafeText(escaped);
});

export const listFilters: Readonly<Record<string, Filter>> = {
  attr,
  count: lengthFilter,
  d: fallback,
  default: fallback,
  dictsort,
  first: filter('first', [], (piped, _, { meter }) => {
    const [first] = iterate(piped, meter);
    return orElse(first, new Undefined());
  }),
  groupby,
  join,
  last: filter('last', [], (piped, _, { meter }) => {
    const items = reversible(piped, 'last', () => listOf(piped, meter));
    return orElse(items.at(-1), new Undefined());
  }),
  length: lengthFilter,
  list: filter('list', [], (piped, _, { meter }) => listOf(piped, meter)),
  max: extreme('max'),
  min: extreme('min'),
  reverse: filter('reverse', [], (piped, _, { meter }) => {
    const items = listOf(piped, meter).toReversed();
    if (textOf(piped) !== undefined) return items.map(String).join('');
    return piped instanceof PyIterator || piped instanceof PyView ? items : new PyIterator(items.values());
  }),
  sort,
  sum,
  tojson,
};
