/** `'{} {name:>8}'.format(…)` */

import { formatValue } from './format-spec.ts';
import type { Meter } from './meter.ts';
import { repr, str } from './print.ts';
import { failed, misused } from './py-error.ts';
import { itemAt } from './subscript.ts';
import type { Args, Value } from './values.ts';

export function formatBraces(format: string, args: Args, meter: Meter): string {
  meter.text(format.length);
  let automatic = 0;
  let isNumbered: boolean | undefined;
  const argument = (name: string): Value => {
    const isIndex = /^\d*$/.test(name);
    if (isIndex) {
      isNumbered ??= name !== '';
      if (isNumbered !== (name !== '')) throw misused('format cannot mix {} with {0}');
    }
    const value = isIndex ? args.positional[name === '' ? automatic : Number(name)] : args.named.get(name);
    if (name === '') automatic += 1;
    if (value === undefined) throw failed('format has fewer values than its text has places for');
    return value;
  };
  const fill = (template: string, depth: number): string => {
    if (depth > 1 && template.includes('{')) throw misused('a format is nested too deeply');
    const pieces: string[] = [];
    let at = 0;
    while (at < template.length) {
      const open = nextBrace(template, at);
      pieces.push(template.slice(at, open));
      if (open >= template.length) break;
      const brace = template[open] ?? '';
      if (depth === 0 && template[open + 1] === brace) {
        pieces.push(brace);
        at = open + 2;
        continue;
      }
      if (brace === '}') throw failed('format has a single }: write }}');
      const close = closingBrace(template, open);
      const piece = field(template.slice(open + 1, close), depth);
      meter.text(piece.length);
      pieces.push(piece);
      at = close + 1;
    }
    return pieces.join('');
  };
  const field = (source: string, depth: number): string => {
    const { path, conversion, spec } = parseField(source);
    const [name = '', ...rest] = path.split(/(?=[.[])/);
    let value = argument(name);
    for (const step of rest) value = stepInto(value, step, meter);
    const filled = fill(spec, depth + 1);
    if (conversion === '') return formatValue(value, filled, meter);
    if (conversion !== 'r' && conversion !== 's') throw misused(`format does not support !${conversion}`);
    const printed = conversion === 'r' ? repr(value, meter) : str(value, meter);
    return formatValue(printed, filled, meter);
  };
  const result = fill(format, 0);
  meter.text(result.length);
  return result;
}

function nextBrace(template: string, from: number): number {
  for (let at = from; at < template.length; at += 1) {
    if (template[at] === '{' || template[at] === '}') return at;
  }
  return template.length;
}

function closingBrace(template: string, open: number): number {
  let depth = 0;
  for (let at = open; at < template.length; at += 1) {
    if (template[at] === '{') depth += 1;
    if (template[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw failed('format has a { that is not closed: write {{');
}

function parseField(source: string): { path: string; conversion: string; spec: string } {
  const end = /[!:]/.exec(source)?.index ?? source.length;
  const path = source.slice(0, end);
  if (source[end] !== '!') return { path, conversion: '', spec: source.slice(end + 1) };
  const rest = source.slice(end + 2);
  if (rest !== '' && rest[0] !== ':') throw failed('format has text after its conversion');
  return { path, conversion: source[end + 1] ?? '', spec: rest.slice(1) };
}

/** `{0[name]}`: the step is `[name]`. Attributes would be those of Python's objects. */
function stepInto(value: Value, step: string, meter: Meter): Value {
  if (step.startsWith('.')) throw misused('format cannot read attributes: pass the value itself');
  const key = step.replace(/^\[/, '').replace(/\]$/, '');
  const item = itemAt(value, /^\d+$/.test(key) ? BigInt(key) : key, meter);
  if (item === undefined) throw failed('format names an item that the value does not have');
  return item;
}
