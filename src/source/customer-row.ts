/** The values of one row as a customer, or the reason why they are none. The same for every format. */

import { failure } from '../job/failure.ts';
import type { SourceRow } from '../job/source-row.ts';
import { tooLong } from './longest-row.ts';

interface Values {
  /** Ids by type, the one that names the customer first. */
  ids: readonly (readonly [type: string, value: unknown])[];
  attributes: readonly (readonly [name: string, value: unknown])[];
  /** Where the row stands, e.g. `line 5`. */
  place: string;
}

/**
 * Row `number` of the source. Values keep every byte and their type; only around an id is white
 * space dropped, for no id has any and `17 ` would be another customer than `17`. Empty values are
 * left out.
 */
export function customerRow({ ids, attributes, place }: Values, number: number): SourceRow {
  const long = tooLong(
    [...ids, ...attributes].map(([, value]) => value),
    place,
  );
  if (long !== undefined) return { ok: false, number, failure: long };
  const named: Record<string, string> = {};
  for (const [type, value] of ids) {
    const id = idOf(value);
    if (id !== '') named[type] = id;
  }
  if (Object.keys(named).length === 0) {
    const types = ids.map(([type]) => type).join(' and ');
    return { ok: false, number, failure: failure('ROW_ID_MISSING', `${place} has nothing in ${types}`) };
  }
  const filled: Record<string, unknown> = {};
  for (const [name, value] of attributes) {
    if (value !== undefined && value !== null && value !== '') filled[name] = value;
  }
  return { ok: true, number, customer: { ids: named, attributes: filled } };
}

/** Soft ids come as lists; the newest is the last. Numbers are written as they were read. */
function idOf(value: unknown): string {
  const one: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof one === 'string' || typeof one === 'number' ? String(one).trim() : '';
}
