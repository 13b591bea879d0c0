/** A source that cannot be used at all, in contrast to a single bad row, which is a value. */

import type { Encoding } from '../kit/text/encodings.ts';

/** The message is for the user: the file, the location in it, the problem and the remedy. */
export class SourceError extends Error {
  override name = 'SourceError';
}

interface LikelyEncoding {
  encoding: Encoding;
  /** Names from the file as they look in it. */
  names: readonly string[];
}

/** A file that is text in another encoding than the one it was read in. Its message names no customer, and may be stored. */
export class EncodingError extends SourceError {
  override name = 'EncodingError';
  /** What is wrong, with names as they look in the likeliest encoding: for the operator who can confirm it. */
  readonly statement: string;
  /** The likeliest encoding. */
  readonly encoding: Encoding;

  constructor(problem: string, { encoding, names }: LikelyEncoding) {
    super(`${problem} It is probably ${encoding}. Save it as UTF-8, or confirm the encoding.`);
    this.statement = `${problem} It is probably ${encoding}: ${names.join(', ')}.`;
    this.encoding = encoding;
  }
}

/** Returns the number of the row being read: 0 for a header, 1 for the first row. */
export type CurrentRow = () => number;

/** Returns ` row 5`, or an empty text above the first row. */
export function atRow(row: CurrentRow | undefined): string {
  const number = row?.() ?? 0;
  return number === 0 ? '' : ` row ${number}`;
}

/** Returns a {@link SourceError} if the error's system code is one of `problems`; otherwise the error itself. */
export function toSourceError(
  path: string,
  error: unknown,
  problems: Readonly<Record<string, string>>,
): unknown {
  const problem = error instanceof Error && 'code' in error ? problems[String(error.code)] : undefined;
  return problem === undefined ? error : new SourceError(`${path} ${problem}`, { cause: error });
}
