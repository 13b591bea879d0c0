/** The formats of Bloomreach's export as text in pieces, so that an export of any size needs no memory. */

export type ExportColumn = { type: 'id'; id: string } | { type: 'property'; property: string };

/** Cells in the order of the columns, as JSON. */
export type ExportRow = readonly unknown[];

type Write = (columns: readonly ExportColumn[], rows: Iterable<ExportRow>) => Iterable<string>;

/** Without `table_json`, which passbridge does not ask for. */
export const exportFormats = ['csv', 'native_json'] as const;

export const writeExport: Readonly<Record<(typeof exportFormats)[number], Write>> = {
  *csv(columns, rows) {
    const names = columns.map((column) => (column.type === 'id' ? column.id : column.property));
    yield csvLine(names);
    for (const row of rows) yield csvLine(row);
  },
  *native_json(columns, rows) {
    yield `{"success":true,"fields":${JSON.stringify(columns)},"data":[`;
    let separator = '';
    for (const row of rows) {
      yield separator + JSON.stringify(row);
      separator = ',';
    }
    yield ']}';
  },
};

function csvLine(cells: ExportRow): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Lists as JSON: how theirs looks is not documented. */
function csvCell(value: unknown): string {
  const text = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Characters of a piece: far fewer calls than rows, and next to no memory. */
const PIECE_LENGTH = 64 * 1024;

/** Joins text into pieces of a size that is worth sending. */
export function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
