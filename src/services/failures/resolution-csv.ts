/** Reads statements about unknown creates from a CSV with the columns `job` or `customer`, and `pass_id`. */

import { CsvError, type Info, parse } from 'csv-parse/sync';
import type { Resolution } from '../../domain/failures/resolution.ts';
import { exactCell, SPREADSHEET_COLUMN } from '../../kit/text/spreadsheet-cell.ts';
import { UserError } from '../../kit/user-error.ts';

const COLUMNS = ['job', 'customer', 'pass_id'] as const;

/**
 * Other columns are ignored, so the list of `passbridge failures --csv` or `--spreadsheet` can be filled in and given back. The delimiter
 * is a comma, semicolon or tab. Throws a {@link UserError} if the text is no such CSV.
 */
export function parseResolutions(text: string, name = 'the CSV'): Resolution[] {
  const [header, ...rows] = recordsOf(text, name);
  const names = header?.record.map((cell) => cell.trim()) ?? [];
  const [job, customer, passId] = COLUMNS.map((column) => names.indexOf(column));
  if (passId === undefined || passId < 0 || (job === -1 && customer === -1)) {
    throw invalid(`${name} needs a header with pass_id, and job or customer. It has: ${names.join(', ')}.`);
  }
  const read = names.includes(SPREADSHEET_COLUMN) ? exactCell : (cell: string) => cell;
  return rows.map(({ record, info }) => ({
    line: info.lines,
    job: read(cellOf(record, job)),
    customer: read(cellOf(record, customer)),
    passId: read(cellOf(record, passId)),
  }));
}

/** Returns an empty text for a column that the CSV or the row lacks. */
function cellOf(record: readonly string[], index = -1): string {
  return (record[index] ?? '').trim();
}

interface CsvRow {
  record: string[];
  info: Info;
}

function recordsOf(text: string, name: string): CsvRow[] {
  const [head = ''] = text.split(/\r?\n/, 1);
  const delimiter = [';', '\t'].find((one) => head.includes(one)) ?? ',';
  try {
    return parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as CsvRow[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw invalid(`${name} is not a valid CSV: ${error.message}.`);
  }
}

function invalid(message: string): UserError {
  return new UserError('INVALID_REQUEST', message);
}
