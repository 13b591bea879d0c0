/** A CSV export as a source of customers: comma, semicolon or tab, of any length in constant memory. */

import type { Source } from '../../domain/campaigns/source-row.ts';
import { cellsRow } from './cells-row.ts';
import { readColumns } from './columns.ts';
import type { Delimiter } from './csv-dialect.ts';
import { csvRecords } from './csv-records.ts';
import { numberedRows } from '../numbered-rows.ts';
import { sniffDelimiter } from './sniff-delimiter.ts';
import { SourceError } from '../source-error.ts';
import type { TextFile } from '../text-file.ts';
import { LONGEST_ROW, tooLongRow } from '../unreadable-row.ts';

/** Reads the header. Blank lines are no rows. Throws {@link SourceError} for a file that cannot be used at all. */
export async function openCsv(file: TextFile, idTypes: readonly string[]): Promise<Source> {
  const { path, head, text } = file;
  if (!head.includes('\n') && head.includes('\r')) {
    throw new SourceError(
      `${path} ends its lines as old Macs did (CR alone). Convert it: tr '\\r' '\\n' < OLD.csv > NEW.csv`,
    );
  }
  const delimiter = sniffDelimiter(head, idTypes);
  const header = await headerOf(file, delimiter);
  const columns = readColumns(path, header, idTypes);

  return {
    columns: columns.names,
    attributes: columns.attributes.map(({ name }) => name),
    rows: numberedRows({
      records: (row) => csvRecords(path, text(row), delimiter),
      first: 0,
      toRow({ cells, line }, number) {
        const place = () => `line ${line}`;
        return cells === undefined ? tooLongRow(number, place()) : cellsRow(cells, place, number, columns);
      },
    }),
  };
}

/** The header's cells, once it is certain that a row follows. */
async function headerOf({ path, text }: TextFile, delimiter: Delimiter): Promise<readonly string[]> {
  let header: readonly string[] | undefined;
  const row = () => (header === undefined ? 0 : 1);
  for await (const records of csvRecords(path, text(row), delimiter)) {
    for (const { cells, line } of records) {
      if (header !== undefined) return header;
      header = cells;
      if (header === undefined) {
        throw new SourceError(
          `${path}, line ${line}: the header is longer than ${LONGEST_ROW} bytes. Is this the right file?`,
        );
      }
    }
  }
  const problem = header === undefined ? 'is empty' : 'has a header and no rows';
  throw new SourceError(`${path} ${problem}. Export it again.`);
}
