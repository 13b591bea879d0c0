/** A second, strict look at the quotes of one row. Costs much more than reading it did, and is rarely needed. */

import { CsvError, type CsvErrorCode } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { type Delimiter, dialect } from './csv-dialect.ts';

/** A quote after which nobody can tell where the rows begin and end. */
export interface QuoteFault {
  /** The cell that the quote opens, 1 = the first of its row. */
  cell: number;
  /** Line breaks between the start of the row and that quote. */
  linesBelow: number;
  what: 'is never closed' | 'is closed in the middle of its cell';
}

const faults: Partial<Record<CsvErrorCode, QuoteFault['what']>> = {
  CSV_QUOTE_NOT_CLOSED: 'is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'is closed in the middle of its cell',
};

/** The fault of the row with which `bytes` start, or undefined where its quotes are sound. */
export function quoteFault(bytes: Buffer, delimiter: Delimiter): QuoteFault | undefined {
  let fault: QuoteFault | undefined;
  try {
    parse(bytes, {
      ...dialect(delimiter),
      relax_quotes: false,
      max_record_size: 0,
      to: 1,
      // Goes on behind a quote in an unquoted cell, which is no fault, and stops at one that is.
      skip_records_with_error: true,
      on_skip(error) {
        fault = error === undefined ? undefined : faultOf(error, bytes);
        if (fault !== undefined) throw error;
      },
    });
  } catch (error) {
    if (fault === undefined || !(error instanceof CsvError)) throw error;
  }
  return fault;
}

function faultOf({ code, bytes: offset, index }: CsvError, bytes: Buffer): QuoteFault | undefined {
  const what = faults[code];
  if (what === undefined) return undefined;
  const above = bytes.toString('latin1', 0, Number(offset));
  return { cell: Number(index) + 1, linesBelow: above.split('\n').length - 1, what };
}
