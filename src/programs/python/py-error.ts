/** What goes wrong inside a template. It is thrown within a render only: the renderer turns it into a fault. */

/**
 * - `failed`: depends on the data, as Python's TypeError and ValueError do;
 * - `misused`: no value could make it right;
 * - `unknown`: a function or filter of that name does not exist;
 * - `absent`: an absent value was used;
 * - `limit`: too much work, memory or output.
 */
export type PyErrorKind = 'failed' | 'misused' | 'unknown' | 'absent' | 'limit';

/** The message names kinds of values, never a value: it is personal data. */
export class PyError extends Error {
  /** The expression at fault, added by the first expression that the error passes. */
  at?: string | undefined;

  readonly kind: PyErrorKind;

  constructor(kind: PyErrorKind, message: string, at?: string) {
    super(message);
    this.kind = kind;
    this.at = at;
  }
}

export function failed(message: string): PyError {
  return new PyError('failed', message);
}

export function misused(message: string): PyError {
  return new PyError('misused', message);
}
