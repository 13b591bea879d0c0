/** CSV exports, separated by comma, semicolon or tab, of any length in constant memory. */

import { cellsRow, parseHeader } from '../columns.ts';
import { SourceError } from '../source-error.ts';
import { MAX_ROW_BYTES, numberedRows, type SourceFormat, tooLongRow } from '../source-format.ts';
import type { TextFile } from '../text-file.ts';
import { csvRecords } from './csv-records.ts';
import { type Delimiter, detectDelimiter } from './dialect.ts';

/** Matches every file. Blank lines are not rows. */
export const csv: SourceFormat = {
  matches: () => true,

  async open(file, idTypes) {
    const { path, head, text } = file;
    if (!head.includes('\n') && head.includes('\r')) {
      throw new SourceError(
        `${path} has the line ends of old Macs (CR alone). Convert it: tr '\\r' '\\n' < OLD.csv > NEW.csv`,
      );
    }
    const delimiter = detectDelimiter(head, idTypes);
    const header = await headerOf(file, delimiter);
    const columns = parseHeader(path, header, idTypes);

    return {
      columns: columns.names,
      attributes: columns.attributes.map(({ name }) => name),
      rows: numberedRows({
        records: (row) => csvRecords(path, text(row), delimiter),
        first: 0,
        toRow({ cells, line }, number) {
          const location = () => `line ${line}`;
          return cells === undefined
            ? tooLongRow(number, location())
            : cellsRow(cells, location, number, columns);
        },
      }),
    };
  },
};

/** Returns the header's cells once a row follows it. */
async function headerOf({ path, text }: TextFile, delimiter: Delimiter): Promise<readonly string[]> {
  let header: readonly string[] | undefined;
  const row = () => (header === undefined ? 0 : 1);
  for await (const records of csvRecords(path, text(row), delimiter)) {
    for (const { cells, line } of records) {
      if (header !== undefined) return header;
      header = cells;
      if (header === undefined) {
        throw new SourceError(
          `${path} line ${line}: the header is longer than ${MAX_ROW_BYTES} bytes. Check that this is the right file.`,
        );
      }
    }
  }
  const problem = header === undefined ? 'is empty' : 'has a header and no rows';
  throw new SourceError(`${path} ${problem}. Export it again.`);
}
