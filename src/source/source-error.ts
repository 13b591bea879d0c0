/** A source that cannot be used at all, as against one bad row of it, which is a value. */

/** Its message is for the user: one or two sentences that name the file, the place in it and the remedy. */
export class SourceError extends Error {
  override name = 'SourceError';
}
