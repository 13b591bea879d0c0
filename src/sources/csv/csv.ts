/** CSV exports, separated by comma, semicolon or tab, of any length in constant memory. */

import { MAX_CUSTOMER_BYTES } from '../../domain/customers/customer-limits.ts';
import { exactCell, SPREADSHEET_COLUMN } from '../../kit/text/spreadsheet-cell.ts';
import { cellsRow, parseHeader } from '../columns.ts';
import { SourceError } from '../source-error.ts';
import { numberedRows, type SourceFormat, tooLongRow, unreadableRow } from '../source-format.ts';
import type { TextFile } from '../text-file.ts';
import { csvRecords, type CsvStart } from './csv-records.ts';
import { detectDelimiter, namedDelimiter } from './dialect.ts';
import { refuseLinesAbove } from './lines-above.ts';
import type { CsvRecord } from './row-locator.ts';

/** Matches every file. Blank lines, and rows whose cells are all blank, are not rows. */
export const csv: SourceFormat = {
  matches: () => true,

  async open(file, idTypes) {
    const { path, head, text } = file;
    if (!head.includes('\n') && head.includes('\r')) {
      throw new SourceError(
        `${path} has the line ends of old Macs (CR alone). Convert it: tr '\\r' '\\n' < OLD.csv > NEW.csv`,
      );
    }
    const named = namedDelimiter(path, head);
    const delimiter = named ?? detectDelimiter(head, idTypes);
    const start = { delimiter, skipsFirstLine: named !== undefined };
    const written = await headerOf(file, start);
    const isMarked = written.some((cell) => cell.trim() === SPREADSHEET_COLUMN);
    const read = (cells: readonly string[]) => (isMarked ? cells.map(exactCell) : cells);
    const header = read(written);
    if (!header.some((cell) => idTypes.includes(cell.trim()))) {
      refuseLinesAbove(path, await firstRecords(file, start), idTypes);
    }
    const columns = parseHeader(path, header, idTypes);

    return {
      columns: columns.names,
      attributes: columns.attributes.map(({ name }) => name),
      rows: numberedRows({
        records: (row) => csvRecords(path, text(row), start),
        first: 0,
        toRow({ cells, line, fault }, number) {
          const location = () => `line ${line}`;
          if (fault !== undefined) return unreadableRow(number, location(), fault);
          return cells === undefined
            ? tooLongRow(number, location())
            : cellsRow(read(cells), location, number, columns);
        },
      }),
    };
  },
};

/** Returns the header's cells once a row follows it. */
async function headerOf({ path, text }: TextFile, start: CsvStart): Promise<readonly string[]> {
  let header: readonly string[] | undefined;
  const row = () => (header === undefined ? 0 : 1);
  for await (const records of csvRecords(path, text(row), start)) {
    for (const { cells, line } of records) {
      if (header !== undefined) return header;
      header = cells;
      if (header === undefined) {
        throw new SourceError(
          `${path} line ${line}: the header is longer than ${MAX_CUSTOMER_BYTES} bytes. Check that this is the right file.`,
        );
      }
    }
  }
  const problem = header === undefined ? 'is empty' : 'has a header and no rows';
  throw new SourceError(`${path} ${problem}. Export it again.`);
}

/** Records among which the header is looked for if it is not the first one. */
const SEARCHED = 20;

async function firstRecords({ path, text }: TextFile, start: CsvStart): Promise<CsvRecord[]> {
  const found: CsvRecord[] = [];
  for await (const records of csvRecords(
    path,
    text(() => 0),
    start,
  )) {
    found.push(...records);
    if (found.length >= SEARCHED) break;
  }
  return found.slice(0, SEARCHED);
}
