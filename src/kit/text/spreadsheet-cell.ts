/**
 * Cells of a CSV that people open in a spreadsheet, which takes a cell such as `=HYPERLINK(…)` for a formula and runs it
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */

/** Column of a CSV with such cells: `yes` in rows that were changed. A reader undoes them if it finds the column. */
export const SPREADSHEET_COLUMN = 'passbridge_spreadsheet';

/**
 * The beginning of a cell that may be taken for a formula: `=`, `+`, `-`, `@`, also full-width ones, after blanks,
 * quotes or apostrophes; or a tab or line break. Excel in another language separates cells by semicolons or tabs, so what
 * follows one of those, a comma or a line break inside of a cell may begin a cell as well.
 */
const BEGINNING = /(?<=^|[,;\t\r\n])(?=["' ]*[=+\-@＝＋－＠])|^(?='*[\t\r\n])/gu;

/** Returns a cell that no spreadsheet runs: an apostrophe, which spreadsheets take for the mark of a text, is put before it. */
export function spreadsheetCell(text: string): string {
  return text.replaceAll(BEGINNING, "'");
}

const ADDED = /(?<=^|[,;\t\r\n])'(?=["' ]*[=+\-@＝＋－＠])|^'(?='*[\t\r\n])/gu;

/** Returns the text that {@link spreadsheetCell} has changed, as it was. */
export function exactCell(text: string): string {
  return text.replaceAll(ADDED, '');
}
