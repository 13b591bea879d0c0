/** Methods that find and replace parts of texts. */

import { bind, count, text } from '../arguments.ts';
import { charactersOf, lengthOf, pointIndex } from '../code-points.ts';
import { listOf } from '../iterate.ts';
import type { Meter } from '../meter.ts';
import { failed } from '../py-error.ts';
import { PyTuple, type Value } from '../values.ts';
import type { Method, Methods } from './method.ts';

/** The part of a text between two optional indexes, and where it starts, in code points. */
interface Range {
  part: string;
  offset: number;
  /** Whether the start is beyond the end: not even the empty text is found then. */
  isEmpty: boolean;
}

function rangeOf(self: string, start: Value | undefined, end: Value | undefined, name: string): Range {
  if ((start ?? null) === null && (end ?? null) === null) return { part: self, offset: 0, isEmpty: false };
  const characters = charactersOf(self);
  const { length } = characters;
  const index = (given: Value | undefined, otherwise: number) => {
    if (given === undefined || given === null) return otherwise;
    const at = count(given, name);
    return Math.max(0, at < 0 ? at + length : at);
  };
  const from = index(start, 0);
  const to = Math.min(index(end, length), length);
  const slice = characters.slice(from, Math.max(from, to));
  return { part: typeof slice === 'string' ? slice : slice.join(''), offset: from, isEmpty: from > to };
}

function finder(name: string, { fromEnd, raises }: { fromEnd: boolean; raises: boolean }): Method<string> {
  return (self, args, meter) => {
    const [sub, start, end] = bind(name, args, ['sub', 'start?', 'end?']);
    const wanted = text(sub, name);
    meter.text(self.length * 2);
    const { part, offset, isEmpty } = rangeOf(self, start, end, name);
    const unit = isEmpty ? -1 : fromEnd ? part.lastIndexOf(wanted) : part.indexOf(wanted);
    if (unit === -1 && raises) throw failed(`${name} did not find its text: write find, which returns -1`);
    return BigInt(unit === -1 ? -1 : offset + pointIndex(part, unit));
  };
}

function edge(name: 'startswith' | 'endswith'): Method<string> {
  return (self, args, meter) => {
    const [wanted, start, end] = bind(name, args, ['prefix', 'start?', 'end?']);
    meter.text(self.length);
    const { part, isEmpty } = rangeOf(self, start, end, name);
    const all = wanted instanceof PyTuple ? wanted.items : [wanted];
    return all.some((each) => {
      const affix = text(each, name);
      if (isEmpty) return false;
      return name === 'startswith' ? part.startsWith(affix) : part.endsWith(affix);
    });
  };
}

/** `str.replace`; `times` is negative for all. */
export function replaceText(self: string, old: string, next: string, times: number, meter: Meter): string {
  meter.text(self.length * 2);
  if (times === 0) return self;
  if (old === '') return intersperse(self, next, times, meter);
  const parts = self.split(old);
  const most = times < 0 ? parts.length - 1 : Math.min(times, parts.length - 1);
  meter.text(self.length + most * (next.length - old.length));
  meter.spend(parts.length / 4);
  if (most === parts.length - 1) return parts.join(next);
  return [parts.slice(0, most + 1).join(next), ...parts.slice(most + 1)].join(old);
}

function intersperse(self: string, next: string, times: number, meter: Meter): string {
  const characters = Array.from(self);
  const most = times < 0 ? characters.length + 1 : Math.min(times, characters.length + 1);
  meter.text(self.length + most * next.length);
  meter.spend(characters.length / 4);
  const pieces = characters.map((character, index) => (index < most ? next : '') + character);
  return pieces.join('') + (most > characters.length ? next : '');
}

export const searchMethods: Methods<string> = {
  find: finder('find', { fromEnd: false, raises: false }),
  rfind: finder('rfind', { fromEnd: true, raises: false }),
  index: finder('index', { fromEnd: false, raises: true }),
  rindex: finder('rindex', { fromEnd: true, raises: true }),
  startswith: edge('startswith'),
  endswith: edge('endswith'),
  count(self, args, meter) {
    const [sub, start, end] = bind('count', args, ['sub', 'start?', 'end?']);
    const wanted = text(sub, 'count');
    meter.text(self.length * 2);
    const { part, isEmpty } = rangeOf(self, start, end, 'count');
    if (isEmpty) return 0n;
    return BigInt(wanted === '' ? lengthOf(part) + 1 : part.split(wanted).length - 1);
  },
  replace(self, args, meter) {
    const [old, next, times = -1n] = bind('replace', args, ['old', 'new', 'count?']);
    return replaceText(self, text(old, 'replace'), text(next, 'replace'), count(times, 'replace'), meter);
  },
  join(self, args, meter) {
    const [items = null] = bind('join', args, ['iterable']);
    const texts = listOf(items, meter).map((item) => text(item, 'join'));
    meter.text(texts.reduce((sum, each) => sum + each.length + self.length, 0));
    return texts.join(self);
  },
};
