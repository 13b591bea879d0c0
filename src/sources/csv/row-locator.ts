/** Finds the line on which each row of a CSV file starts, faults of its quotes, and rows that are too long. */

import { MAX_CUSTOMER_BYTES } from '../../domain/customers/customer-limits.ts';
import { SourceError } from '../source-error.ts';
import type { Delimiter } from './dialect.ts';
import { mayBeMisquoted, requote } from './misquoted.ts';
import { findQuoteFault, type LongRow, makeLongRow } from './quotes.ts';

export interface CsvRecord {
  /** Absent if the row is too long. */
  cells?: readonly string[];
  /** What is wrong with the row's quotes, if only this row is concerned. */
  fault?: string;
  /** The line of the file on which the row starts: a quoted cell may contain line breaks. */
  line: number;
}

export interface RowLocator {
  /** Adds the bytes that are parsed next. */
  add(bytes: Buffer): void;
  /**
   * Returns the rows parsed since the last call with their lines, without those whose cells are all blank. Throws
   * {@link SourceError} if the quotes of one are invalid.
   */
  locate(rows: readonly string[][]): CsvRecord[];
  /** Throws {@link SourceError} if the current, incomplete row has an unclosed quote. */
  refuseOpenQuote(): void;
  /**
   * Returns the current row if it is too long already, so that its further bytes need not be parsed.
   * Throws {@link SourceError} if it spans lines: then it probably is many rows after an open quote.
   */
  longRow(): LongRow | undefined;
  /** Ends a row that is too long. Throws {@link SourceError} if one of its quotes is open. */
  endLongRow(row: LongRow): CsvRecord;
}

const SPANS_LINES = `is not closed on its line, and the row has more than ${MAX_CUSTOMER_BYTES} bytes`;

/** `firstLine`: the number of the line with which the added bytes start. */
export function makeRowLocator(path: string, delimiter: Delimiter, firstLine: number): RowLocator {
  let line = firstLine;
  let window = makeLineWindow(firstLine);

  const refuse = (at: number, cell: number, problem: string): never => {
    throw new SourceError(
      `${path} line ${at}: the quote that opens cell ${cell} ${problem}. Double every quote inside a quoted cell ("") and end the cell with a single one.`,
    );
  };

  const checkQuotes = (from: number, to?: number): void => {
    const fault = findQuoteFault(window.lines(from, to), delimiter);
    if (fault !== undefined) refuse(from + fault.linesBelow, fault.cell, fault.problem);
  };

  const locateRow = (cells: readonly string[]): CsvRecord => {
    const start = line;
    line += 1;
    let isSuspect = false;
    let isMisquoted = false;
    let size = cells.length;
    for (const cell of cells) {
      size += cell.length;
      isMisquoted ||= mayBeMisquoted(cell, window.hasEscapedQuotes());
      if (!cell.includes('\n')) continue;
      line += cell.split('\n').length - 1;
      // Either the cell starts with a doubled quote, or its own quote was closed too early.
      isSuspect ||= cell.startsWith('"');
    }
    if (isSuspect) checkQuotes(start, line);
    if (size > MAX_CUSTOMER_BYTES) return { line: start };
    return isMisquoted
      ? { line: start, ...requote(cells, window.lines(start, line), delimiter) }
      : { cells, line: start };
  };

  return {
    add: (bytes) => window.add(bytes),
    locate(rows) {
      const records = rows.map(locateRow);
      window.dropBefore(line);
      return records.filter(({ cells }) => cells === undefined || cells.some((cell) => cell.trim() !== ''));
    },
    refuseOpenQuote: () => checkQuotes(line),
    longRow() {
      const current = window.lines(line);
      if (current.length <= MAX_CUSTOMER_BYTES) return undefined;
      const row = makeLongRow(delimiter);
      if (row.endIn(current) === undefined) return row;
      const cell = row.openCell();
      // The row is complete, and the parser waits for the byte after it.
      if (cell === undefined) return undefined;
      checkQuotes(line);
      return refuse(line, cell, SPANS_LINES);
    },
    endLongRow(row) {
      const cell = row.openCell();
      if (cell !== undefined) refuse(line, cell, SPANS_LINES);
      const record = { line };
      line += 1;
      window = makeLineWindow(line);
      return record;
    },
  };
}

const LINE_FEED = 0x0a;
const ESCAPED_QUOTE = Buffer.from('\\"');

/** The lines being parsed, kept so that a suspect row can be parsed again. Lines are counted from 1. */
interface LineWindow {
  add(bytes: Buffer): void;
  /** Returns the lines from `from` up to, but not including, `to`. */
  lines(from: number, to?: number): Buffer;
  dropBefore(line: number): void;
  /** Whether the bytes contain a quote after a backslash. */
  hasEscapedQuotes(): boolean;
}

/** `firstLine`: the number of the line with which the bytes start. */
function makeLineWindow(firstLine: number): LineWindow {
  let kept: Buffer = Buffer.alloc(0);
  let first = firstLine;
  let hasEscapedQuotes = false;
  return {
    add(bytes) {
      hasEscapedQuotes = bytes.includes(ESCAPED_QUOTE) || kept.includes(ESCAPED_QUOTE);
      kept = kept.length === 0 ? bytes : Buffer.concat([kept, bytes]);
    },
    lines(from, to) {
      const start = startOfLine(kept, from - first);
      return kept.subarray(start, to === undefined ? kept.length : startOfLine(kept, to - first));
    },
    hasEscapedQuotes: () => hasEscapedQuotes,
    dropBefore(line) {
      kept = kept.subarray(startOfLine(kept, line - first));
      first = line;
    },
  };
}

/** Returns the offset after the given number of line breaks, or the end if there are fewer. */
function startOfLine(bytes: Buffer, breaks: number): number {
  let at = 0;
  for (let passed = 0; passed < breaks; passed += 1) {
    const lineBreak = bytes.indexOf(LINE_FEED, at);
    if (lineBreak === -1) return bytes.length;
    at = lineBreak + 1;
  }
  return at;
}
