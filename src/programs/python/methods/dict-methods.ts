/** Methods of dicts. */

import { bind } from '../arguments.ts';
import { iterate, listOf } from '../iterate.ts';
import type { Meter } from '../meter.ts';
import { failed } from '../py-error.ts';
import { orElse, PyDict, PyTuple, PyView, type Value } from '../values.ts';
import type { Methods } from './method.ts';

/** Adds the members of a dict, or pairs, and then named arguments. */
export function fill(
  self: PyDict,
  given: Value | undefined,
  named: ReadonlyMap<string, Value>,
  meter: Meter,
): void {
  if (given instanceof PyDict) {
    meter.spend(given.size);
    for (const [key, value] of given.entries()) self.set(key, value);
  } else if (given !== undefined) {
    for (const pair of iterate(given, meter)) {
      const [key, value, ...others] = listOf(pair, meter);
      if (key === undefined || value === undefined || others.length > 0)
        throw failed('a dict is made of pairs of a key and a value');
      self.set(key, value);
    }
  }
  meter.spend(named.size);
  for (const [name, value] of named) self.set(name, value);
}

export const dictMethods: Methods<PyDict> = {
  get(self, args) {
    const [key = null, otherwise = null] = bind('get', args, ['key', 'default?']);
    return orElse(self.get(key), otherwise);
  },
  items(self, args) {
    bind('items', args, []);
    return new PyView('items', self);
  },
  keys(self, args) {
    bind('keys', args, []);
    return new PyView('keys', self);
  },
  values(self, args) {
    bind('values', args, []);
    return new PyView('values', self);
  },
  copy(self, args, meter) {
    bind('copy', args, []);
    meter.spend(self.size);
    return new PyDict(self.entries());
  },
  clear(self, args) {
    bind('clear', args, []);
    self.clear();
    return null;
  },
  pop(self, args) {
    const [key = null, otherwise] = bind('pop', args, ['key', 'default?']);
    const member = self.get(key);
    const value = member === undefined ? otherwise : member;
    if (value === undefined) throw failed('pop has no member of this name: add a default');
    self.delete(key);
    return value;
  },
  popitem(self, args) {
    bind('popitem', args, []);
    const last = self.entries().at(-1);
    if (last === undefined) throw failed('popitem has no member to take');
    self.delete(last[0]);
    return new PyTuple(last);
  },
  setdefault(self, args, meter) {
    const [key = null, otherwise = null] = bind('setdefault', args, ['key', 'default?']);
    meter.spend(1);
    const value = self.get(key);
    if (value !== undefined) return value;
    self.set(key, otherwise);
    return otherwise;
  },
  update(self, args, meter) {
    const [given] = bind('update', { ...args, named: new Map() }, ['other?']);
    fill(self, given, args.named, meter);
    return null;
  },
};
