/**
 * CSV text as records with their lines. What cannot be split into rows for certain stops the
 * reading: a quote left open would swallow the customers behind it, and nobody would miss them.
 */

import { CsvError, parse } from 'csv-parse';
import { type Delimiter, dialect, LONGEST_RECORD } from './csv-dialect.ts';
import { quoteFault } from './quote-fault.ts';
import { makeRowWindow } from './row-window.ts';
import { SourceError } from './source-error.ts';

export interface CsvRecord {
  cells: readonly string[];
  /** The line of the file on which it starts: a quoted cell may hold line breaks. */
  line: number;
}

/**
 * Records in chunks, the header among them and blank lines left out. Needs memory for a chunk and
 * one record. Throws {@link SourceError} with the line where the quotes do not add up.
 */
export async function* csvRecords(
  path: string,
  text: AsyncIterable<Buffer>,
  delimiter: Delimiter,
): AsyncGenerator<CsvRecord[]> {
  const parser = parse(dialect(delimiter));
  const window = makeRowWindow();
  let line = 1;

  const refuse = (row: number, why: string) => new SourceError(`${path}, line ${row}: ${why}`);

  const checkQuotes = (from: number, to?: number): void => {
    const fault = quoteFault(window.lines(from, to), delimiter);
    if (fault === undefined) return;
    const { cell, linesBelow, what } = fault;
    const remedy = 'Double every quote inside a quoted cell ("") and end the cell with a single one.';
    throw refuse(from + linesBelow, `the quote that opens cell ${cell} ${what}. ${remedy}`);
  };

  /** Takes what the parser has ready. */
  const drain = (): CsvRecord[] => {
    const records: CsvRecord[] = [];
    for (;;) {
      const cells = parser.read() as string[] | null;
      if (cells === null) return records;
      const start = line;
      line += 1;
      let doubtful = false;
      for (const cell of cells) {
        if (!cell.includes('\n')) continue;
        line += cell.split('\n').length - 1;
        // Either it was written with a doubled quote in front, or its own quote was closed too soon.
        doubtful ||= cell.startsWith('"');
      }
      if (doubtful) checkQuotes(start, line);
      if (cells.length > 1 || cells[0]?.trim() !== '') records.push({ cells, line: start });
    }
  };

  /** Gives the parser work and takes the records before a failure can end it: they tell where that is. */
  const recordsAfter = async (work: (done: (error?: Error | null) => void) => void) => {
    const finished = new Promise<Error | null | undefined>((resolve) => work(resolve));
    const records = drain();
    const error = await finished;
    if (!(error instanceof CsvError)) {
      if (error) throw error;
      return records;
    }
    checkQuotes(line);
    throw refuse(line, `the row is longer than ${LONGEST_RECORD} characters. Is this the right file?`);
  };

  // The callbacks tell of every error; without a listener it would end the process as well.
  parser.on('error', () => {});
  try {
    for await (const bytes of text) {
      window.add(bytes);
      yield await recordsAfter((done) => parser.write(bytes, done));
      window.forgetBefore(line);
    }
    yield await recordsAfter((done) => parser.end(done));
  } finally {
    parser.destroy();
  }
}
