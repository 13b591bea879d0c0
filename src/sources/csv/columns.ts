/** What the header of an export means: which columns name a customer and which describe one. */

import { closest, distance } from 'fastest-levenshtein';
import { SourceError } from '../source-error.ts';

interface Column {
  name: string;
  /** Place of its cell in a row, from 0. */
  at: number;
}

export interface Columns {
  /** All of them, in the order of the cells. */
  names: readonly string[];
  /** In the order of the id types: the first one that is filled names the customer. */
  ids: readonly Column[];
  attributes: readonly Column[];
}

/** Sorts the header's cells, without the white space around them. Throws {@link SourceError}. */
export function readColumns(path: string, header: readonly string[], idTypes: readonly string[]): Columns {
  const names = header.map((cell) => cell.trim());
  checkNames(path, names);
  const columns = names.map((name, at) => ({ name, at }));
  const ids = idTypes.flatMap((type) => columns.filter(({ name }) => name === type));
  if (ids.length === 0) throw new SourceError(`${path} ${noIdColumn(names, idTypes)}`);
  return { names, ids, attributes: columns.filter((column) => !ids.includes(column)) };
}

function checkNames(path: string, names: readonly string[]): void {
  for (const [at, name] of names.entries()) {
    const column = at + 1;
    if (name === '') {
      throw new SourceError(`${path}: column ${column} has no name. Name it in the header, or remove it.`);
    }
    if (name === '__proto__') {
      throw new SourceError(`${path}: column ${column} cannot be called __proto__. Rename it.`);
    }
    const earlier = names.indexOf(name);
    if (earlier < at) {
      throw new SourceError(
        `${path} has the column ${name} twice, as number ${earlier + 1} and ${column}. Rename or remove one.`,
      );
    }
  }
}

/** Columns that a message lists. */
const LISTED = 12;

/** What is wrong with names among which there is no id. */
export function noIdColumn(names: readonly string[], idTypes: readonly string[]): string {
  const wanted = idTypes.join(' or ');
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  const found = `It has ${names.slice(0, LISTED).join(', ')}${more}.`;
  return `has no id column, which is called ${wanted}. ${found}${didYouMean(names, idTypes)}`;
}

function didYouMean(names: readonly string[], idTypes: readonly string[]): string {
  const lowered = names.map((name) => name.toLowerCase());
  for (const type of idTypes) {
    const near = closest(type, lowered);
    // A third of its letters: more is another word.
    if (distance(type, near) > type.length / 3) continue;
    return ` Is it ${names[lowered.indexOf(near)]}? Then rename it to ${type}.`;
  }
  return '';
}
