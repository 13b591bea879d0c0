/** Adapts filters and functions of Bloomreach, and our own, to the interpreter. */

import { valueOf } from '../../python/json.ts';
import { absent } from '../../python/print.ts';
import { PyError } from '../../python/py-error.ts';
import { type Args, textOf, Undefined, type Value } from '../../python/values.ts';
import type { Call } from '../call.ts';
import type { Filter, GlobalFunction, Run } from './library.ts';

/** What a call costs, in units of the meter: some 10 µs, and 60 ns a character. */
const CALL_COST = 300;
const CHARACTER_COST = 2;

export function adaptFilter(name: string, call: Call): Filter {
  return (piped, args, run) => {
    if (piped instanceof Undefined && piped.name !== undefined) throw absent(piped);
    return callWith(name, call, { ...args, positional: [piped, ...args.positional] }, run);
  };
}

export function adaptFunction(name: string, call: Call): GlobalFunction {
  return (args, run) => callWith(name, call, args, run);
}

function callWith(name: string, call: Call, { positional, named }: Args, { meter, time }: Run): Value {
  const given = [...positional, ...named.values()];
  const characters = given.reduce((sum: number, value) => sum + (textOf(value)?.length ?? 0), 0);
  meter.spend(CALL_COST + characters * CHARACTER_COST);
  const result = call(
    {
      positional: positional.map(plain),
      named: Object.fromEntries(Array.from(named, ([key, value]) => [key, plain(value)])),
    },
    { time: time === undefined ? undefined : plain(time) },
  );
  if (result.ok) return valueOf(result.value);
  throw new PyError(result.blame === 'call' ? 'misused' : 'failed', result.problem, name);
}

/** Returns texts, and numbers as those of JavaScript; a whole number that it would round as text. */
function plain(value: Value): unknown {
  const text = textOf(value);
  if (text !== undefined) return text;
  if (typeof value !== 'bigint') return value instanceof Undefined ? undefined : value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
