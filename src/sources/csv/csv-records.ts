/**
 * CSV text as records with their lines. What cannot be split into rows for certain stops the
 * reading: a quote left open would swallow the customers behind it, and nobody would miss them.
 */

import { CsvError, parse } from 'csv-parse';
import { type Delimiter, dialect } from './csv-dialect.ts';
import { type CsvRecord, makeCsvPlaces } from './csv-locations.ts';
import type { LongRow } from '../long-row.ts';

/**
 * Records in chunks, the header among them and blank lines left out. Needs memory for a chunk and
 * one record; one that is too long for that comes without its cells. Throws
 * {@link SourceError} with the line where the quotes do not add up.
 */
export async function* csvRecords(
  path: string,
  text: AsyncIterable<Buffer>,
  delimiter: Delimiter,
): AsyncGenerator<CsvRecord[]> {
  const places = makeCsvPlaces(path, delimiter);
  let parser = makeParser(delimiter);
  /** The too long row that is passed over instead of being parsed. */
  let long: LongRow | undefined;

  const placed = ({ rows, error }: Parsed): CsvRecord[] => {
    const records = places.placed(rows);
    if (error === undefined) return records;
    places.refuseOpenQuote();
    throw error;
  };

  try {
    for await (const chunk of text) {
      let bytes = chunk;
      if (long !== undefined) {
        const end = long.endIn(chunk);
        if (end === undefined) continue;
        yield [places.passLong(long)];
        long = undefined;
        parser.close();
        parser = makeParser(delimiter);
        bytes = chunk.subarray(end);
      }
      places.add(bytes);
      yield placed(await parser.feed(bytes));
      long = places.longRow();
    }
    yield long === undefined ? placed(await parser.end()) : [places.passLong(long)];
  } finally {
    parser.close();
  }
}

interface Parsed {
  rows: string[][];
  /** What is wrong behind them. */
  error?: CsvError;
}

/** csv-parse, fed by hand: it gives the rows that are complete, whatever is wrong behind them. */
function makeParser(delimiter: Delimiter) {
  const parser = parse(dialect(delimiter));
  // The callbacks tell of every error; without a listener it would end the process as well.
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
    // Before a failure can end the parser.
    const rows = drain();
    const error = await finished;
    if (!error) return { rows };
    if (!(error instanceof CsvError)) throw error;
    return { rows, error };
  };

  return {
    feed: (bytes: Buffer) => rowsAfter((done) => parser.write(bytes, done)),
    /** Tells that nothing follows. */
    end: () => rowsAfter((done) => parser.end(done)),
    close: () => parser.destroy(),
  };
}
