/** Methods that split texts. */

import { bind, count, text } from '../arguments.ts';
import { isSpace, splitLines, strip } from '../code-points.ts';
import type { Meter } from '../meter.ts';
import { failed } from '../py-error.ts';
import { isTrue, PyTuple, type Value } from '../values.ts';
import type { Method, Methods } from './method.ts';

function splitter(name: 'split' | 'rsplit'): Method<string> {
  return (self, args, meter) => {
    const [separator = null, most = -1n] = bind(name, args, ['sep?', 'maxsplit?']);
    const limit = count(most, name);
    if (separator === null) return splitWords(self, limit, name === 'rsplit', meter);
    const mark = text(separator, name);
    if (mark === '') throw failed(`${name} needs a separator that is not empty`);
    meter.text(self.length * 2);
    const parts = self.split(mark);
    meter.spend(parts.length);
    if (limit < 0 || parts.length - 1 <= limit) return parts;
    return name === 'split'
      ? [...parts.slice(0, limit), parts.slice(limit).join(mark)]
      : [parts.slice(0, parts.length - limit).join(mark), ...parts.slice(parts.length - limit)];
  };
}

/** Splits at runs of white space; what is left over after `limit` splits keeps its inner white space. */
function splitWords(self: string, limit: number, fromEnd: boolean, meter: Meter): string[] {
  meter.text(self.length * 4);
  const words: string[] = [];
  const step = fromEnd ? -1 : 1;
  const isInside = (at: number) => at >= 0 && at < self.length;
  let at = fromEnd ? self.length - 1 : 0;
  while (isInside(at)) {
    while (isInside(at) && isSpace(self.charAt(at))) at += step;
    if (!isInside(at)) break;
    if (limit >= 0 && words.length === limit) {
      words.push(fromEnd ? strip(self.slice(0, at + 1), 'right') : strip(self.slice(at), 'left'));
      break;
    }
    const start = at;
    while (isInside(at) && !isSpace(self.charAt(at))) at += step;
    words.push(fromEnd ? self.slice(at + 1, start + 1) : self.slice(start, at));
  }
  meter.spend(words.length);
  return fromEnd ? words.toReversed() : words;
}

function partition(name: 'partition' | 'rpartition'): Method<string> {
  return (self, args, meter) => {
    const [separator] = bind(name, args, ['sep']);
    const mark = text(separator, name);
    if (mark === '') throw failed(`${name} needs a separator that is not empty`);
    meter.text(self.length);
    const at = name === 'partition' ? self.indexOf(mark) : self.lastIndexOf(mark);
    if (at === -1) return new PyTuple(name === 'partition' ? [self, '', ''] : ['', '', self]);
    return new PyTuple([self.slice(0, at), mark, self.slice(at + mark.length)]);
  };
}

export const partMethods: Methods<string> = {
  split: splitter('split'),
  rsplit: splitter('rsplit'),
  partition: partition('partition'),
  rpartition: partition('rpartition'),
  splitlines(self, args, meter): Value {
    const [keepEnds = false] = bind('splitlines', args, ['keepends?']);
    meter.text(self.length * 2);
    const lines = splitLines(self, isTrue(keepEnds));
    meter.spend(lines.length);
    return lines;
  },
};
