/** A CSV export as a source of customers: comma, semicolon or tab, gzip or not, of any length in constant memory. */

import type { Source, SourceRow } from '../job/source-row.ts';
import { readColumns } from './columns.ts';
import type { Delimiter } from './csv-dialect.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import { customerRow } from './customer-row.ts';
import { openPlainFile, readBytes } from './file-bytes.ts';
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
  /**
   * Rows in chunks, read from the file each time; `after` leaves out the rows up to that number.
   * Blank lines are no rows. Throws {@link SourceError} where the rest of the file cannot be read
   * for certain, and ends early, without an error, once the signal is aborted.
   */
  rows(options?: { after?: number; signal?: AbortSignal }): AsyncGenerator<SourceRow[]>;
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
    async *rows({ after = 0, signal } = {}) {
      // Number 0 is the header.
      let next = 0;
      for await (const chunk of records()) {
        if (signal?.aborted === true) return;
        const first = next;
        next += chunk.length;
        const passed = Math.max(after + 1 - first, 0);
        const rows = chunk
          .slice(passed)
          .map((record, index) => customerRow(record, first + passed + index, columns));
        if (rows.length > 0) yield rows;
      }
    },
  };
}

/** Size in bytes and time of the last change: tells whether a file is still the one it was. */
export async function fileFingerprint(path: string): Promise<{ size: number; mtimeMs: number }> {
  const file = await openPlainFile(path);
  try {
    const { size, mtimeMs } = await file.stat();
    return { size, mtimeMs };
  } finally {
    await file.close();
  }
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
