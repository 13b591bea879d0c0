/**
 * Parses CSV text into records with their lines. Reading stops at anything that cannot be split into
 * rows with certainty: an unclosed quote would silently swallow the customers after it.
 */

import { CsvError, parse } from 'csv-parse';
import { type Delimiter, dialect } from './dialect.ts';
import type { LongRow } from './quotes.ts';
import { type CsvRecord, makeRowLocator } from './row-locator.ts';

export interface CsvStart {
  delimiter: Delimiter;
  /** The first line only names the delimiter. */
  skipsFirstLine: boolean;
}

/**
 * Yields records in chunks, the header included and blank lines omitted. Needs memory for a chunk and
 * one record; a record that is too long for that has no cells. Throws {@link SourceError} with the line
 * if a quote is unclosed or misplaced.
 */
export async function* csvRecords(
  path: string,
  text: AsyncIterable<Buffer>,
  { delimiter, skipsFirstLine }: CsvStart,
): AsyncGenerator<CsvRecord[]> {
  const locator = makeRowLocator(path, delimiter, skipsFirstLine ? 2 : 1);
  let parser = makeParser(delimiter);
  /** The row that is too long and skipped instead of parsed. */
  let long: LongRow | undefined;

  const locate = ({ rows, error }: Parsed): CsvRecord[] => {
    const records = locator.locate(rows);
    if (error === undefined) return records;
    locator.refuseOpenQuote();
    throw error;
  };

  try {
    for await (const chunk of skipsFirstLine ? withoutFirstLine(text) : text) {
      let bytes = chunk;
      if (long !== undefined) {
        const end = long.endIn(chunk);
        if (end === undefined) continue;
        yield [locator.endLongRow(long)];
        long = undefined;
        parser.close();
        parser = makeParser(delimiter);
        bytes = chunk.subarray(end);
      }
      locator.add(bytes);
      yield locate(await parser.feed(bytes));
      long = locator.longRow();
    }
    yield long === undefined ? locate(await parser.end()) : [locator.endLongRow(long)];
  } finally {
    parser.close();
  }
}

const LINE_FEED = 0x0a;

async function* withoutFirstLine(text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isBelow = false;
  for await (const chunk of text) {
    const lineFeed = isBelow ? -1 : chunk.indexOf(LINE_FEED);
    if (isBelow) yield chunk;
    else if (lineFeed !== -1) {
      isBelow = true;
      yield chunk.subarray(lineFeed + 1);
    }
  }
}

interface Parsed {
  rows: string[][];
  /** The error after them. */
  error?: CsvError;
}

/** Makes a csv-parse parser that returns the complete rows of each chunk, even if an error follows them. */
function makeParser(delimiter: Delimiter) {
  const parser = parse(dialect(delimiter));
  // The callbacks receive every error; without a listener the error would also end the process.
  parser.on('error', () => {});

  const drain = (): string[][] => {
    const rows: string[][] = [];
    for (;;) {
      const cells = parser.read() as string[] | null;
      if (cells === null) return rows;
      rows.push(cells);
    }
  };

  const rowsAfter = async (work: (done: (error?: Error | null) => void) => void): Promise<Parsed> => {
    const finished = new Promise<Error | null | undefined>((resolve) => work(resolve));
    // Before an error can destroy the parser.
    const rows = drain();
    const error = await finished;
    if (!error) return { rows };
    if (!(error instanceof CsvError)) throw error;
    return { rows, error };
  };

  return {
    feed: (bytes: Buffer) => rowsAfter((done) => parser.write(bytes, done)),
    /** Parses the rest of the text. */
    end: () => rowsAfter((done) => parser.end(done)),
    close: () => parser.destroy(),
  };
}
