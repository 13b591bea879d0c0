/** Lines of the CSV files that are given to people or to other programs. */

import { stringify } from 'csv-stringify/sync';
import { SPREADSHEET_COLUMN, spreadsheetCell } from './spreadsheet-cell.ts';

/**
 * `exact`: every cell as it is, for programs. `spreadsheet`: for people; no cell is a formula, and a byte order mark keeps
 * Excel from taking UTF-8 for another encoding. passbridge reads both back as the same values.
 */
export const csvFlavors = ['exact', 'spreadsheet'] as const;
export type CsvFlavor = (typeof csvFlavors)[number];

type Cell = string | number | undefined;

const BYTE_ORDER_MARK = '\u{feff}';

/** Returns the header with its line end. */
export function csvHeader(flavor: CsvFlavor, names: readonly string[]): string {
  if (flavor === 'exact') return stringify([[...names]]);
  return BYTE_ORDER_MARK + stringify([[...names.map(spreadsheetCell), SPREADSHEET_COLUMN]]);
}

/** Returns one row with its line end. Numbers are those of passbridge, and never changed. */
export function csvLine(flavor: CsvFlavor, cells: readonly Cell[]): string {
  if (flavor === 'exact') return stringify([[...cells]]);
  const shown = cells.map((cell) => (typeof cell === 'string' ? spreadsheetCell(cell) : cell));
  const isChanged = shown.some((cell, index) => cell !== cells[index]);
  return stringify([[...shown, isChanged ? 'yes' : '']]);
}
