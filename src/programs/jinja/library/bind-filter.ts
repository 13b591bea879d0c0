/** Helpers of filters. */

import { bind } from '../../python/arguments.ts';
import { itemOf } from '../../python/lookup.ts';
import type { Meter } from '../../python/meter.ts';
import { absent, str } from '../../python/print.ts';
import { failed } from '../../python/py-error.ts';
import { type Args, kindOf, SafeText, textOf, Undefined, type Value } from '../../python/values.ts';
import type { Filter, Run } from './library.ts';

/** Makes a filter with parameters, `?` after those that are optional. */
export function filter(
  name: string,
  parameters: readonly string[],
  apply: (piped: Value, bound: readonly (Value | undefined)[], run: Run) => Value,
): Filter {
  return (piped, args: Args, run) => {
    run.meter.spend(1);
    return apply(piped, bind(name, args, parameters), run);
  };
}

/** Makes a filter that changes a text, or what another value prints; a text that is marked as safe stays so. */
export function textFilter(
  name: string,
  parameters: readonly string[],
  change: (text: string, bound: readonly (Value | undefined)[], meter: Meter) => string,
): Filter {
  return filter(name, parameters, (piped, bound, { meter }) => {
    const text = str(piped, meter);
    meter.text(text.length * 4);
    const changed = change(text, bound, meter);
    meter.text(changed.length);
    return piped instanceof SafeText ? new SafeText(changed) : changed;
  });
}

/** Returns a text, which other values are not turned into. */
export function onlyText(value: Value, of: string): string {
  if (value instanceof Undefined) throw absent(value);
  const text = textOf(value);
  if (text === undefined) throw failed(`${of} needs a text, not ${kindOf(value)}: write | string before it`);
  return text;
}

interface GetterOptions {
  /** Replaces absent members. */
  otherwise?: Value;
  ignoresCase?: boolean;
}

/** Returns a function that reads `a.b` or an index of items; without an attribute, it returns the item itself. */
export function attributeGetter(
  attribute: Value | undefined,
  { otherwise = null, ignoresCase = false }: GetterOptions,
  { meter }: Run,
): (item: Value) => Value {
  const parts = partsOf(attribute);
  return (item) => {
    let found = item;
    for (const part of parts) {
      found = itemOf(found, part, typeof part === 'string' ? part : 'an item', meter);
      if (otherwise !== null && found instanceof Undefined) found = otherwise;
    }
    return ignoresCase ? lowered(found) : found;
  };
}

function partsOf(attribute: Value | undefined): Value[] {
  if (attribute === undefined || attribute === null) return [];
  const path = textOf(attribute);
  if (path === undefined) return [attribute];
  return path.split('.').map((part) => (/^\d+$/.test(part) ? BigInt(part) : part));
}

/** Returns a text in lower case, for comparisons; other values as they are. */
export function lowered(value: Value): Value {
  const text = textOf(value);
  return text === undefined ? value : text.toLowerCase();
}
