/** `int` as Jinja2 has it: what is no number is the default. The engine's own refuses it, and `int(7)`, too. */

import { badCall, value, type Call } from './dialect.ts';

const WHOLE = /^\s*[-+]?\d+(_\d+)*\s*$/;
const FLOATING = /^\s*[-+]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[-+]?\d+)?\s*$/i;

/** `customer.points | int`, `| int(7)`: towards zero; 0, or what is given, for what is no number. */
export const int: Call = ({ positional: [given, ...rest], named }) => {
  const { default: byName, ...others } = named;
  if (rest.length > 1 || Object.keys(others).length > 0) return badCall('int takes one default, e.g. int(0)');
  // A card number of twenty digits keeps them.
  if (typeof given === 'string' && WHOLE.test(given)) return value(BigInt(plain(given)));
  const number = numberOf(given);
  const isFinite = number !== undefined && Number.isFinite(number);
  return value(isFinite ? BigInt(Math.trunc(number)) : (rest[0] ?? byName ?? 0));
};

function numberOf(given: unknown): number | undefined {
  if (typeof given === 'number') return given;
  if (typeof given === 'boolean') return Number(given);
  return typeof given === 'string' && FLOATING.test(given) ? Number(plain(given)) : undefined;
}

/** Python allows what JavaScript does not: underscores, and a plus before a whole number. */
function plain(text: string): string {
  return text.trim().replaceAll('_', '').replace(/^\+/, '');
}
