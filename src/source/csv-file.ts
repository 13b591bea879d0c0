/** A CSV export as a source of customers: comma, semicolon or tab, gzip or not, of any length in constant memory. */

import type { Source } from '../job/source-row.ts';
import { readColumns } from './columns.ts';
import type { Delimiter } from './csv-dialect.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import { cellsRow } from './cells-row.ts';
import { numberedRows } from './numbered-rows.ts';
import { readBytes } from './file-bytes.ts';
import { sniffDelimiter } from './sniff-delimiter.ts';
import { SourceError } from './source-error.ts';
import { utf8Text } from './utf8-text.ts';

interface CsvFileOptions {
  /** Names of id columns. Any other column is an attribute. */
  idTypes: readonly string[];
  /** What separates the cells; found out from the header if absent. */
  delimiter?: Delimiter;
}

export interface CsvFile extends Source {
  /** All columns in the order of the file. */
  readonly columns: readonly string[];
  readonly delimiter: Delimiter;
}

/** Opens an export and reads its header. Throws {@link SourceError} for a file that cannot be used at all. */
export async function openCsvFile(path: string, { idTypes, ...options }: CsvFileOptions): Promise<CsvFile> {
  const text = () => utf8Text(path, readBytes(path));
  const delimiter = options.delimiter ?? sniffDelimiter(await headOf(path, text()), idTypes);
  const records = () => csvRecords(path, text(), delimiter);

  const header = await headerOf(path, records());
  const columns = readColumns(path, header, idTypes);

  return {
    columns: header.map((name) => name.trim()),
    attributes: columns.attributes.map(({ name }) => name),
    delimiter,
    rows: numberedRows({
      records: () => withoutHeader(records()),
      toRow: ({ cells, line }, number) => cellsRow(cells, `line ${line}`, number, columns),
    }),
  };
}

/** The start of the file. */
async function headOf(path: string, text: AsyncIterable<Buffer>): Promise<Buffer> {
  for await (const head of text) {
    if (head.includes('\n') || !head.includes('\r')) return head;
    throw new SourceError(
      `${path} ends its lines as old Macs did (CR alone). Convert it: tr '\\r' '\\n' < OLD.csv > NEW.csv`,
    );
  }
  throw new SourceError(`${path} is empty. Export it again.`);
}

async function* withoutHeader(chunks: AsyncIterable<CsvRecord[]>): AsyncGenerator<CsvRecord[]> {
  let first = true;
  for await (const records of chunks) {
    yield first ? records.slice(1) : records;
    first &&= records.length === 0;
  }
}

/** The header's cells, once it is certain that a row follows. */
async function headerOf(path: string, chunks: AsyncIterable<CsvRecord[]>): Promise<readonly string[]> {
  let header: readonly string[] | undefined;
  for await (const records of chunks) {
    for (const { cells } of records) {
      if (header !== undefined) return header;
      header = cells;
    }
  }
  const problem = header === undefined ? 'is empty' : 'has a header and no rows';
  throw new SourceError(`${path} ${problem}. Export it again.`);
}
