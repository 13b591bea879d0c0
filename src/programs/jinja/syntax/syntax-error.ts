/** Why a template cannot be parsed. */

/** `unknown`: a statement that does not exist; `misused`: one that passbridge does not support. */
export type SyntaxErrorKind = 'syntax' | 'unknown' | 'misused';

export class TemplateSyntaxError extends Error {
  readonly kind: SyntaxErrorKind;
  /** The place in the source; undefined for its end. */
  readonly at: string | undefined;

  constructor(message: string, { kind = 'syntax', at }: { kind?: SyntaxErrorKind; at?: string } = {}) {
    super(message);
    this.kind = kind;
    this.at = at;
  }
}
