/** Methods of lists and tuples. */

import { bind, count } from '../arguments.ts';
import { equals, sorted } from '../compare.ts';
import { listOf } from '../iterate.ts';
import type { Meter } from '../meter.ts';
import { failed } from '../py-error.ts';
import { isTrue, type PyTuple, type Value } from '../values.ts';
import type { Method, Methods } from './method.ts';

type Items = readonly Value[];

const countItem: Method<Items> = (self, args, meter) => {
  const [wanted = null] = bind('count', args, ['value']);
  return BigInt(self.filter((item) => equals(item, wanted, meter)).length);
};

const indexOf: Method<Items> = (self, args, meter) => {
  const [wanted = null, start = 0n, end] = bind('index', args, ['value', 'start?', 'stop?']);
  const bound = (at: number) => Math.max(0, at < 0 ? at + self.length : at);
  const from = bound(count(start, 'index'));
  const to = end === undefined ? self.length : Math.min(bound(count(end, 'index')), self.length);
  for (let at = from; at < to; at += 1) if (equals(self[at] ?? null, wanted, meter)) return BigInt(at);
  throw failed('index did not find its value: write "value in list" first');
};

export const tupleMethods: Methods<PyTuple> = {
  count: ({ items }, args, meter) => countItem(items, args, meter),
  index: ({ items }, args, meter) => indexOf(items, args, meter),
};

/** Lists may hold each other, so what is added is paid for. */
function grow(self: Value[], added: Items, at: number, meter: Meter): null {
  meter.spend(1 + added.length);
  self.splice(at, 0, ...added);
  return null;
}

export const listMethods: Methods<Value[]> = {
  count: countItem,
  index: indexOf,
  append(self, args, meter) {
    const [item = null] = bind('append', args, ['object']);
    meter.spend(1);
    self.push(item);
    return null;
  },
  extend(self, args, meter) {
    const [items = null] = bind('extend', args, ['iterable']);
    for (const item of listOf(items, meter)) self.push(item);
    return null;
  },
  insert(self, args, meter) {
    const [index, item = null] = bind('insert', args, ['index', 'object']);
    const at = count(index, 'insert');
    meter.spend(self.length / 16);
    return grow(self, [item], Math.max(0, at < 0 ? at + self.length : at), meter);
  },
  pop(self, args, meter) {
    const [index = -1n] = bind('pop', args, ['index?']);
    const given = count(index, 'pop');
    const at = given < 0 ? given + self.length : given;
    meter.spend(self.length / 16);
    const [item] = at >= 0 && at < self.length ? self.splice(at, 1) : [];
    if (item === undefined) throw failed('pop has no item at this index');
    return item;
  },
  remove(self, args, meter) {
    const [wanted = null] = bind('remove', args, ['value']);
    const at = self.findIndex((item) => equals(item, wanted, meter));
    if (at === -1) throw failed('remove did not find its value');
    self.splice(at, 1);
    return null;
  },
  clear(self, args) {
    bind('clear', args, []);
    self.length = 0;
    return null;
  },
  copy(self, args, meter) {
    bind('copy', args, []);
    meter.spend(self.length);
    return [...self];
  },
  reverse(self, args, meter) {
    bind('reverse', args, []);
    meter.spend(self.length);
    self.reverse();
    return null;
  },
  sort(self, args, meter) {
    const [key = null, reverse = false] = bind('sort', { ...args, positional: [null, ...args.positional] }, [
      'key?',
      'reverse?',
    ]);
    if (key !== null) throw failed('sort takes no key here: write | sort(attribute="name")');
    const ordered = sorted(self, (item) => item, isTrue(reverse), meter);
    for (const [index, item] of ordered.entries()) self[index] = item;
    return null;
  },
};
