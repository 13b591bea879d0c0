/** Two checks of the quotes in a row, for the cases in which the parser's result is not reliable. */

import { CsvError, type CsvErrorCode } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { type Delimiter, dialect } from './dialect.ts';

/** A quote after which the boundaries of rows are unknown. */
export interface QuoteFault {
  /** The cell that the quote opens, counted from 1. */
  cell: number;
  /** Line breaks between the start of the row and the quote. */
  linesBelow: number;
  problem: 'is never closed' | 'is closed in the middle of its cell';
}

const problems: Partial<Record<CsvErrorCode, QuoteFault['problem']>> = {
  CSV_QUOTE_NOT_CLOSED: 'is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'is closed in the middle of its cell',
};

/**
 * Parses the first row of `bytes` strictly and returns the fault of its quotes; undefined if they are
 * valid. Takes much longer than the normal parse, and is rarely needed.
 */
export function findQuoteFault(bytes: Buffer, delimiter: Delimiter): QuoteFault | undefined {
  let fault: QuoteFault | undefined;
  try {
    parse(bytes, {
      ...dialect(delimiter),
      relax_quotes: false,
      max_record_size: 0,
      to: 1,
      // Continues after a quote in an unquoted cell, which is valid here, and stops at a fault.
      skip_records_with_error: true,
      on_skip(error) {
        fault = error === undefined ? undefined : toFault(error, bytes);
        if (fault !== undefined) throw error;
      },
    });
  } catch (error) {
    if (fault === undefined || !(error instanceof CsvError)) throw error;
  }
  return fault;
}

function toFault({ code, bytes: offset, index }: CsvError, bytes: Buffer): QuoteFault | undefined {
  const problem = problems[code];
  if (problem === undefined) return undefined;
  const above = bytes.toString('latin1', 0, Number(offset));
  return { cell: Number(index) + 1, linesBelow: above.split('\n').length - 1, problem };
}

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** A row that is too long to be kept in memory: its bytes are scanned for the end of its line. */
export interface LongRow {
  /** Scans the next bytes of the row. Returns the offset after its line feed, if they contain it. */
  endIn(bytes: Buffer): number | undefined;
  /** Returns the cell whose quote is open, counted from 1: then the row continues on the next line. */
  openCell(): number | undefined;
}

/** Scans by the same rules as the parser. */
export function makeLongRow(delimiter: Delimiter): LongRow {
  const separator = delimiter.charCodeAt(0);
  let cell = 1;
  /** `closed`: after a quote that ends the cell, unless another quote follows. */
  let state: 'start' | 'unquoted' | 'quoted' | 'closed' = 'start';

  const step = (byte: number): void => {
    if (state === 'quoted') {
      if (byte === QUOTE) state = 'closed';
    } else if (byte === separator) {
      state = 'start';
      cell += 1;
    } else if (byte === QUOTE && state !== 'unquoted') {
      state = 'quoted';
    } else {
      state = 'unquoted';
    }
  };

  return {
    endIn(bytes) {
      const lineFeed = bytes.indexOf(LINE_FEED);
      for (const byte of lineFeed === -1 ? bytes : bytes.subarray(0, lineFeed)) step(byte);
      return lineFeed === -1 ? undefined : lineFeed + 1;
    },
    openCell: () => (state === 'quoted' ? cell : undefined),
  };
}
