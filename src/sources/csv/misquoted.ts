/**
 * Cells whose quotes the parser keeps as text, although they are not meant as text: with blanks around them, or escaped by
 * a backslash as MySQL does. They would be printed on the card.
 */

import type { Delimiter } from './dialect.ts';

const QUOTE = 0x22;
const BLANK = 0x20;
const ESCAPED_QUOTE = '\\"';

/** Returns whether a cell's quotes must be checked. Called for every cell. `hasEscapes`: whether a cell may have `\"`. */
export function mayBeMisquoted(cell: string, hasEscapes: boolean): boolean {
  const first = cell.charCodeAt(0);
  if (first === QUOTE) return true;
  if (first <= BLANK && cell.trimStart().charCodeAt(0) === QUOTE) return true;
  return hasEscapes && cell.includes(ESCAPED_QUOTE);
}

/** A cell whose quotes enclose all of it but blanks. */
const ENCLOSED = /^\s*"([^"]*)"\s*$/;

/**
 * Returns the cells of a row without quotes that have only blanks around them, or the fault of the row. `bytes`: the row.
 * Quotes that are text by the rules of CSV stay.
 */
export function requote(
  cells: readonly string[],
  bytes: Buffer,
  delimiter: Delimiter,
): { cells: readonly string[]; fault?: string } {
  const quoting = quotingOf(bytes, delimiter.charCodeAt(0));
  const unquoted = cells.map((cell, index) => {
    // Blanks alone need no quotes.
    if (!cell.includes('"')) return cell;
    const kind = quoting[index];
    if (kind === 'quoted' || (kind === 'plain' && !cell.includes(ESCAPED_QUOTE))) return cell;
    return kind === 'padded' ? ENCLOSED.exec(cell)?.[1] : undefined;
  });
  const at = unquoted.findIndex((cell) => cell === undefined);
  if (at === -1) return { cells: unquoted.map(String) };
  const fault = `cell ${at + 1} has a quote that may open, close or be text. Double every quote inside a quoted cell (""), without a backslash, and write no blanks around its quotes`;
  return { cells, fault };
}

/** `padded`: quotes with blanks around them. `broken`: text follows the closing quote. */
type Quoting = 'plain' | 'quoted' | 'padded' | 'broken';

/** Returns how each cell of a row is quoted, by the rules of the parser. */
function quotingOf(bytes: Buffer, separator: number): Quoting[] {
  const found: Quoting[] = [];
  let quoting: Quoting = 'plain';
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  for (const byte of bytes) {
    if (byte === separator && state !== 'quoted') {
      found.push(quoting);
      quoting = 'plain';
      state = 'start';
    } else if (state === 'quoted') {
      if (byte === QUOTE) state = 'closed';
    } else if (state === 'closed') {
      if (byte === QUOTE && quoting === 'quoted') state = 'quoted';
      else if (byte === BLANK) quoting = quoting === 'broken' ? 'broken' : 'padded';
      else if (byte > BLANK) quoting = 'broken';
    } else if (state === 'start') {
      if (byte === QUOTE)
        [state, quoting] = quoting === 'padded' ? ['plain', 'padded'] : ['quoted', 'quoted'];
      else if (byte > BLANK) [state, quoting] = ['plain', 'plain'];
      else if (byte === BLANK) quoting = 'padded';
    }
  }
  return [...found, quoting];
}
