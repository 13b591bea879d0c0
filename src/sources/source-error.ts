/** A source that cannot be used at all, as against one bad row of it, which is a value. */

/** Its message is for the user: one or two sentences that name the file, the place in it and the remedy. */
export class SourceError extends Error {
  override name = 'SourceError';
}

/** Tells which row is being read: 0 for a header, 1 for the first row. */
export type RowAtHand = () => number;

/** `, row 5`, or nothing above the first row. */
export function atRow(row: RowAtHand | undefined): string {
  const number = row?.() ?? 0;
  return number === 0 ? '' : `, row ${number}`;
}

/** The error in the user's words, where its system code is one of `problems`; otherwise the error as it is. */
export function explained(path: string, error: unknown, problems: Readonly<Record<string, string>>): unknown {
  const problem = error instanceof Error && 'code' in error ? problems[String(error.code)] : undefined;
  return problem === undefined ? error : new SourceError(`${path} ${problem}`, { cause: error });
}
