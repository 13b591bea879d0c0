/**
 * The contract of a file format, and the rows that formats make of their records. A new format is one
 * folder beside this file and one line in open-file.ts.
 */

import type { Source, SourceRow } from '../domain/campaigns/source-row.ts';
import { MAX_CUSTOMER_BYTES, problemOfId } from '../domain/customers/customer-limits.ts';
import { failure } from '../domain/failures/failure.ts';
import { isPlaceholder } from '../domain/jobs/placeholder.ts';
import { damageOf } from './damaged-value.ts';
import type { CurrentRow } from './source-error.ts';
import type { TextFile } from './text-file.ts';

export interface SourceFormat {
  /** Returns whether a file with this start has the format. */
  matches(head: Buffer): boolean;
  /**
   * Reads the header. `idTypes`: names of id columns; the first one that is filled identifies the
   * customer. Throws {@link SourceError} for a file that cannot be used at all.
   */
  open(file: TextFile, idTypes: readonly string[]): Promise<Source>;
}

interface Records<T> {
  /** Reads all records from the start, in chunks. `row` is the next row, to be named in errors. */
  records: (row: CurrentRow) => AsyncIterable<readonly T[]>;
  /** Number of the first record: 0 if that is a header, which is not a row. */
  first: 0 | 1;
  /** Converts a record. Not called for records up to the row after which to read. */
  toRow: (record: T, number: number) => SourceRow;
}

/** Makes the `rows` of a {@link Source}. They end early, without an error, once the signal is aborted. */
export function numberedRows<T>({ records, first, toRow }: Records<T>): Source['rows'] {
  return async function* rows({ after = 0, signal } = {}): AsyncGenerator<SourceRow[]> {
    let next: number = first;
    for await (const chunk of records(() => next)) {
      if (signal?.aborted === true) return;
      const start = next;
      next += chunk.length;
      const skipped = Math.max(after + 1 - start, 0);
      const rest = chunk.slice(skipped).map((record, index) => toRow(record, start + skipped + index));
      if (rest.length > 0) yield rest;
    }
  };
}

interface ParsedRow {
  number: number;
  /** Returns the location in the file, e.g. `line 5`. */
  location: () => string;
  /** In the order of the id types. */
  ids: readonly (readonly [type: string, value: unknown])[];
  /** Only filled ones, so that a customer is the same in every format. */
  attributes: Readonly<Record<string, unknown>>;
}

/** Returns the row of a customer, or a bad row if it has no valid id or a damaged value. */
export function customerRow({ number, location, ids, attributes }: ParsedRow): SourceRow {
  const filled: Record<string, string> = {};
  let hasId = false;
  for (const [type, value] of ids) {
    const id = idText(value);
    if (id === undefined) {
      return unreadableRow(
        number,
        location(),
        `${JSON.stringify(value)} in ${type} is not an id. Write it as text`,
      );
    }
    if (id === '') continue;
    const damage = damageOf(id);
    if (damage !== undefined) return damagedRow(number, location(), `${type} ${damage}`);
    const tooLong = problemOfId(id);
    if (tooLong !== undefined) return unreadableRow(number, location(), `${type} ${tooLong}`);
    if (isPlaceholder(id)) {
      const problem = `${JSON.stringify(id)} in ${type} stands for an absent value`;
      return { ok: false, number, failure: failure('ROW_ID_MISSING', `${location()}: ${problem}`) };
    }
    filled[type] = id;
    hasId = true;
  }
  for (const name in attributes) {
    const damage = damageOf(attributes[name]);
    if (damage !== undefined) return damagedRow(number, location(), `${name} ${damage}`);
  }
  if (hasId) return { ok: true, number, customer: { ids: filled, attributes } };
  const types = ids.map(([type]) => `\`${type}\``).join(' and ');
  const detail = `${location()}: ${types} ${ids.length === 1 ? 'is' : 'are'} empty`;
  return { ok: false, number, failure: failure('ROW_ID_MISSING', detail) };
}

export function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/**
 * Returns the text of an id without surrounding white space, which no id has: `17 ` would be another
 * customer than `17`. Empty for no id, undefined for an invalid one. Bloomreach exports the ids of a
 * soft type as a list, newest last. A number in scientific notation is invalid: its digits are lost.
 */
function idText(value: unknown): string | undefined {
  const id: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (typeof id === 'string') return id.trim();
  if (id === undefined || id === null) return '';
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : undefined;
}

/** Returns a bad row, so that reading continues after it. `location`: e.g. `line 5`. */
export function unreadableRow(number: number, location: string, problem: string): SourceRow {
  return { ok: false, number, failure: failure('ROW_UNREADABLE', `${location}: ${problem}`) };
}

/** Returns a row that another program damaged, or that is no customer. */
export function damagedRow(number: number, location: string, problem: string): SourceRow {
  return { ok: false, number, failure: failure('ROW_DAMAGED', `${location}: ${problem}`) };
}

export function tooLongRow(number: number, location: string): SourceRow {
  return unreadableRow(
    number,
    location,
    `longer than ${MAX_CUSTOMER_BYTES} bytes. Export only the columns that the program uses`,
  );
}
