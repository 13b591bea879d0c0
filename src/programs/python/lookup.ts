/** `value.name` and `value[key]` as Jinja2 resolves them: each also tries the other. */

import { attributeOf } from './attributes.ts';
import type { Meter } from './meter.ts';
import { absent } from './print.ts';
import { misused, type PyError } from './py-error.ts';
import { itemAt } from './subscript.ts';
import { orElse, Undefined, type Value } from './values.ts';

/** `value.name`: a method or attribute first, then an item. `source` names the result if it is absent. */
export function memberOf(value: Value, name: string, source: string, meter: Meter): Value {
  if (value instanceof Undefined && name.startsWith('__')) throw internal(name);
  if (value instanceof Undefined) throw absent(value);
  const attribute = attributeOf(value, name);
  const found = attribute === undefined ? itemAt(value, name, meter) : attribute;
  if (found === undefined && name.startsWith('__')) throw internal(name);
  return orElse(found, new Undefined(source));
}

function internal(name: string): PyError {
  return misused(`${name} is internal to Python: cards cannot show it`);
}

/** `value[key]`: an item first, then an attribute. */
export function itemOf(value: Value, key: Value, source: string, meter: Meter): Value {
  if (value instanceof Undefined) throw absent(value);
  const item = itemAt(value, key, meter);
  const found = item === undefined && typeof key === 'string' ? attributeOf(value, key) : item;
  return orElse(found, new Undefined(source));
}
