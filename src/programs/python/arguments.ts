/** The arguments of a call, and how functions take them. */

import { failed, misused } from './py-error.ts';
import { kindOf, textOf, type Args, type Value } from './values.ts';

export const NO_ARGS: Args = { positional: [], named: new Map() };

/**
 * Returns the arguments in the order of the parameters, undefined for those that are omitted. A parameter with `?`
 * is optional. Throws for missing, repeated and unknown arguments.
 */
export function bind(
  name: string,
  { positional, named }: Args,
  parameters: readonly string[],
): (Value | undefined)[] {
  const names = parameters.map((parameter) => parameter.replace('?', ''));
  if (positional.length > names.length) {
    const most = names.length === 0 ? 'no arguments' : `at most ${names.length}: ${names.join(', ')}`;
    throw misused(`${name} takes ${most}`);
  }
  const bound: (Value | undefined)[] = names.map((_, index) => positional[index]);
  for (const [given, value] of named) {
    const index = names.indexOf(given);
    if (index === -1) throw misused(`${name} does not take ${given}`);
    if (index < positional.length) throw misused(`${name} is given ${given} twice`);
    bound[index] = value;
  }
  const missing = parameters.find(
    (parameter, index) => !parameter.endsWith('?') && bound[index] === undefined,
  );
  if (missing !== undefined) throw misused(`${name} needs the argument ${missing}`);
  return bound;
}

/** Returns a whole number that is used as a count or an index; true and false count as 1 and 0. */
export function wholeNumber(value: Value | undefined, of: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  throw failed(`${of} needs a whole number, not ${value === undefined ? 'nothing' : kindOf(value)}`);
}

/** Like {@link wholeNumber}, cut to what JavaScript can count. */
export function count(value: Value | undefined, of: string): number {
  const whole = wholeNumber(value, of);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(whole > most ? most : whole < -most ? -most : whole);
}

export function text(value: Value | undefined, of: string): string {
  const given = value === undefined ? undefined : textOf(value);
  if (given === undefined)
    throw failed(`${of} needs a text, not ${value === undefined ? 'nothing' : kindOf(value)}`);
  return given;
}
