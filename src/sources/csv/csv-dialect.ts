/** How CSV is read here, in one place for the reading itself and for a second look at a doubtful row. */

import type { Options } from 'csv-parse';

export const delimiters = [',', ';', '\t'] as const;

export type Delimiter = (typeof delimiters)[number];

/**
 * Rows of any width, blank lines included, as cells that keep every byte. A quote inside an
 * unquoted cell stands for itself, as most exports mean it: such a cell ends with its line
 * whatever it holds, so it cannot swallow the next customer.
 */
export function dialect(delimiter: Delimiter): Options {
  return {
    delimiter,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    relax_quotes: true,
  };
}
