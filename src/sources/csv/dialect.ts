/** The CSV dialect: the options of every parse, and detection of the delimiter. */

import type { Options } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { SourceError } from '../source-error.ts';

const delimiters = [',', ';', '\t'] as const;

export type Delimiter = (typeof delimiters)[number];

/**
 * Returns csv-parse options for rows of any width, blank lines included, whose cells keep every byte. A
 * quote inside an unquoted cell is literal, as most exporters mean it: such a cell ends with its line,
 * so it cannot swallow the next customer.
 */
export function dialect(delimiter: Delimiter): Options {
  return {
    delimiter,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    relax_quotes: true,
  };
}

/** The line with which Excel names the delimiter of a file, above the header. */
const SEP_LINE = /^"?sep=(.)"?[,;\t]*\r?\n/i;

/** Returns the delimiter that the first line names; undefined if it names none. Throws {@link SourceError}. */
export function namedDelimiter(path: string, head: Buffer): Delimiter | undefined {
  const named = SEP_LINE.exec(head.toString('latin1', 0, 20))?.[1];
  if (named === undefined) return undefined;
  const delimiter = delimiters.find((known) => known === named);
  if (delimiter !== undefined) return delimiter;
  throw new SourceError(
    `${path} line 1: cells separated by ${named} are not supported. Export it with a comma, a semicolon or a tab.`,
  );
}

/**
 * Returns the delimiter with which the header has an id column, otherwise the one with the most
 * columns; a comma if the header has one column. `head` must contain the whole header.
 */
export function detectDelimiter(head: Buffer, idTypes: readonly string[]): Delimiter {
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
    // An unclosed quote. Reading the file with this delimiter reports it with its line.
    return names(null);
  }
}
