/** Finds lines above the header, such as the title of a report, which would be taken for the header. */

import { SourceError } from '../source-error.ts';
import type { CsvRecord } from './row-locator.ts';

/** Characters of a line that a message quotes. */
const QUOTED_LENGTH = 40;

/**
 * Throws {@link SourceError} if a record below the first one has an id column: then the lines above it are not rows.
 * `records`: the first ones of the file.
 */
export function refuseLinesAbove(
  path: string,
  records: readonly CsvRecord[],
  idTypes: readonly string[],
): void {
  const isHeader = ({ cells }: CsvRecord) => cells?.some((cell) => idTypes.includes(cell.trim())) === true;
  const [first] = records;
  const header = records.find(isHeader);
  if (first === undefined || header === undefined || header === first) return;
  const above = (first.cells ?? []).filter((cell) => cell.trim() !== '').join(', ');
  const quoted = above.length > QUOTED_LENGTH ? `${above.slice(0, QUOTED_LENGTH)}…` : above;
  throw new SourceError(
    `${path} line ${first.line}: “${quoted}” is above the header, which is on line ${header.line}. Delete everything above line ${header.line}.`,
  );
}
