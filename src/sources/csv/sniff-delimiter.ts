/** Finds out what separates the cells of a file: its header tells. */

import { parse } from 'csv-parse/sync';
import { type Delimiter, delimiters, dialect } from './csv-dialect.ts';

/**
 * The delimiter that brings an id column to light, or else the one that makes the most columns;
 * a comma in a header of one column. `head` is the start of the file and holds the whole header.
 */
export function sniffDelimiter(head: Buffer, idTypes: readonly string[]): Delimiter {
  const scored = delimiters.map((delimiter) => {
    const names = headerOf(head, delimiter);
    const score = names.length + (names.some((name) => idTypes.includes(name)) ? head.length : 0);
    return { delimiter, score };
  });
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).delimiter;
}

function headerOf(head: Buffer, delimiter: Delimiter): string[] {
  const options = { ...dialect(delimiter), skip_empty_lines: true, to: 1 };
  const names = (quote: '"' | null) => parse(head, { ...options, quote })[0] ?? [];
  try {
    return names('"').map((name) => name.trim());
  } catch {
    // A quote that is never closed. Reading the file with this delimiter tells where.
    return names(null);
  }
}
