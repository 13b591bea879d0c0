/** Columns of formats with a header: which ones identify a customer, and rows of cells under them. */

import { closest, distance } from 'fastest-levenshtein';
import type { SourceRow } from '../domain/campaigns/source-row.ts';
import { failure } from '../domain/failures/failure.ts';
import { LOST_LETTER } from '../kit/text/decode-text.ts';
import { SourceError } from './source-error.ts';
import { customerRow, damagedRow, isFilled } from './source-format.ts';

interface Column {
  name: string;
  /** Index of its cell in a row. */
  index: number;
}

export interface Columns {
  /** All names, in the order of the cells. */
  names: readonly string[];
  /** In the order of the id types: the first one that is filled identifies the customer. */
  ids: readonly Column[];
  attributes: readonly Column[];
}

/** Sorts the cells of a header into ids and attributes; surrounding white space is dropped. Throws {@link SourceError}. */
export function parseHeader(path: string, header: readonly string[], idTypes: readonly string[]): Columns {
  const names = header.map((cell) => cell.trim());
  checkNames(path, names);
  const columns = names.map((name, index) => ({ name, index }));
  const ids = idTypes.flatMap((type) => columns.filter(({ name }) => name === type));
  if (ids.length === 0) throw noIdColumn(path, names, idTypes);
  return { names, ids, attributes: columns.filter((column) => !ids.includes(column)) };
}

function checkNames(path: string, names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    const column = index + 1;
    if (name === '') {
      throw new SourceError(`${path}: column ${column} has no name. Name it in the header, or remove it.`);
    }
    if (name.includes(LOST_LETTER)) {
      throw new SourceError(
        `${path}: column ${column} is named ${name}: another program has lost a letter there. Export it again with the right encoding.`,
      );
    }
    if (name === '__proto__') {
      throw new SourceError(`${path}: column ${column} must not be named __proto__. Rename it.`);
    }
    const earlier = names.indexOf(name);
    if (earlier < index) {
      throw new SourceError(
        `${path}: columns ${earlier + 1} and ${column} are both named ${name}. Rename or remove one.`,
      );
    }
  }
}

/** Columns that a message lists. */
const MAX_LISTED = 12;

/** Returns the error for a file whose columns include no id. */
export function noIdColumn(path: string, names: readonly string[], idTypes: readonly string[]): SourceError {
  const wanted = idTypes.join(' or ');
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : '';
  const found = `It has ${names.slice(0, MAX_LISTED).join(', ')}${more}.`;
  return new SourceError(
    `${path} has no id column named ${wanted}. ${found}${suggestRename(names, idTypes)}`,
  );
}

function suggestRename(names: readonly string[], idTypes: readonly string[]): string {
  const lowered = names.map((name) => name.toLowerCase());
  for (const type of idTypes) {
    const near = closest(type, lowered);
    // If more than a third of the letters differ, it is another word.
    if (distance(type, near) > type.length / 3) continue;
    return ` If ${names[lowered.indexOf(near)]} is the id, rename it to ${type}.`;
  }
  return '';
}

/** A line that a database client draws below its header. */
const DRAWN = /^[\s\-=_+|*~]+$/;

/** Returns why a row of as many cells as the header is no customer; undefined if it may be one. */
function notCustomerProblem(cells: readonly unknown[], { names, ids }: Columns): string | undefined {
  const [first] = ids;
  const cell = first === undefined ? undefined : cells[first.index];
  if (typeof cell !== 'string') return undefined;
  if (cell.trim() === first?.name && cells.every((value, index) => String(value).trim() === names[index])) {
    return 'the header again, as in files that were put together. Remove the line';
  }
  if (DRAWN.test(cell) && cells.every((value) => DRAWN.test(String(value)))) {
    return 'a line of separators, not a customer. Remove it';
  }
  return undefined;
}

/** Returns the row of a customer, or a bad row. `location`: e.g. `line 5`. */
export function cellsRow(
  cells: readonly unknown[],
  location: () => string,
  number: number,
  columns: Columns,
): SourceRow {
  if (cells.length !== columns.names.length) {
    const found = `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}`;
    const detail = `${location()}: ${found}, but the header has ${columns.names.length}`;
    return { ok: false, number, failure: failure('ROW_RAGGED', detail) };
  }
  const notCustomer = notCustomerProblem(cells, columns);
  if (notCustomer !== undefined) return damagedRow(number, location(), notCustomer);
  const ids = columns.ids.map(({ name, index }) => [name, cells[index]] as const);
  const attributes: Record<string, unknown> = {};
  for (const { name, index } of columns.attributes) {
    if (isFilled(cells[index])) attributes[name] = cells[index];
  }
  return customerRow({ number, location, ids, attributes });
}
