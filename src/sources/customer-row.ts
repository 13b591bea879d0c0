/** What any format tells of a customer as a row, or the reason why it is none. */

import { failure } from '../domain/failures/failure.ts';
import type { SourceRow } from '../domain/campaigns/source-row.ts';
import { unreadableRow } from './unreadable-row.ts';

interface Told {
  number: number;
  /** Tells where it stands, e.g. `line 5`. */
  place: () => string;
  /** In the order of the id types: the first one that is filled names the customer. */
  ids: readonly (readonly [type: string, value: unknown])[];
  /** Those that are filled: a customer is the same whichever format brings it. */
  attributes: Readonly<Record<string, unknown>>;
}

export function customerRow({ number, place, ids, attributes }: Told): SourceRow {
  const filled: Record<string, string> = {};
  let named = false;
  for (const [type, value] of ids) {
    const id = idText(value);
    if (id === undefined) {
      const why = `has ${JSON.stringify(value)} in ${type}, which is no id. Write it as text`;
      return unreadableRow(number, place(), why);
    }
    if (id === '') continue;
    filled[type] = id;
    named = true;
  }
  if (named) return { ok: true, number, customer: { ids: filled, attributes } };
  const types = ids.map(([type]) => type).join(' and ');
  return { ok: false, number, failure: failure('ROW_ID_MISSING', `${place()} has nothing in ${types}`) };
}

export function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/**
 * An id without the white space around it, for no id has any and `17 ` would be another customer
 * than `17`; empty for none, undefined for what is no id. Bloomreach gives the ids of a soft type
 * as a list, the newest of which is the last. A number that JSON cannot hold exactly is no id.
 */
function idText(value: unknown): string | undefined {
  const id: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (typeof id === 'string') return id.trim();
  if (id === undefined || id === null) return '';
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : undefined;
}
