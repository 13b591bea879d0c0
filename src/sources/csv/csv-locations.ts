/** Knows on which line of a CSV file every row starts, where its quotes went wrong and whether it is too long. */

import type { Delimiter } from './csv-dialect.ts';
import { type LongRow, makeLongRow } from '../long-row.ts';
import { quoteFault } from './quote-fault.ts';
import { makeRowWindow } from '../row-window.ts';
import { SourceError } from '../source-error.ts';
import { LONGEST_ROW } from '../unreadable-row.ts';

export interface CsvRecord {
  /** Absent where the row is too long. */
  cells?: readonly string[];
  /** The line of the file on which it starts: a quoted cell may hold line breaks. */
  line: number;
}

export interface CsvPlaces {
  /** Tells which bytes are parsed next. */
  add(bytes: Buffer): void;
  /**
   * The rows that were parsed since, with their lines and without blank ones. Throws
   * {@link SourceError} where the quotes of one do not add up.
   */
  placed(rows: readonly string[][]): CsvRecord[];
  /** Throws {@link SourceError} where a quote of the row that has begun is not closed by now. */
  refuseOpenQuote(): void;
  /**
   * The row that has begun, if it is too long by now: its further bytes need not be parsed. Throws
   * {@link SourceError} where it spans lines: then it is most likely many rows behind an open quote.
   */
  longRow(): LongRow | undefined;
  /** Takes a too long row for ended. Throws {@link SourceError} where a quote of it is open. */
  passLong(row: LongRow): CsvRecord;
}

const SPANS_LINES = `is not closed on its line, and the row has more than ${LONGEST_ROW} bytes`;

export function makeCsvPlaces(path: string, delimiter: Delimiter): CsvPlaces {
  let line = 1;
  let window = makeRowWindow();

  const refuse = (row: number, cell: number, what: string): never => {
    throw new SourceError(
      `${path}, line ${row}: the quote that opens cell ${cell} ${what}. Double every quote inside a quoted cell ("") and end the cell with a single one.`,
    );
  };

  const checkQuotes = (from: number, to?: number): void => {
    const fault = quoteFault(window.lines(from, to), delimiter);
    if (fault !== undefined) refuse(from + fault.linesBelow, fault.cell, fault.what);
  };

  const place = (cells: readonly string[]): CsvRecord => {
    const start = line;
    line += 1;
    let doubtful = false;
    let size = cells.length;
    for (const cell of cells) {
      size += cell.length;
      if (!cell.includes('\n')) continue;
      line += cell.split('\n').length - 1;
      // Either it was written with a doubled quote in front, or its own quote was closed too soon.
      doubtful ||= cell.startsWith('"');
    }
    if (doubtful) checkQuotes(start, line);
    return size > LONGEST_ROW ? { line: start } : { cells, line: start };
  };

  return {
    add: (bytes) => window.add(bytes),
    placed(rows) {
      const records = rows.map(place);
      window.forgetBefore(line);
      return records.filter(({ cells }) => cells?.length !== 1 || cells[0]?.trim() !== '');
    },
    refuseOpenQuote: () => checkQuotes(line),
    longRow() {
      const begun = window.lines(line);
      if (begun.length <= LONGEST_ROW) return undefined;
      const row = makeLongRow(delimiter);
      if (row.endIn(begun) === undefined) return row;
      const cell = row.openCell();
      // The row is whole, and the parser waits for the byte behind it.
      if (cell === undefined) return undefined;
      checkQuotes(line);
      return refuse(line, cell, SPANS_LINES);
    },
    passLong(row) {
      const cell = row.openCell();
      if (cell !== undefined) refuse(line, cell, SPANS_LINES);
      const record = { line };
      line += 1;
      window = makeRowWindow(line);
      return record;
    },
  };
}
