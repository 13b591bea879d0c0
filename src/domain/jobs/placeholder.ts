/** Texts that databases, spreadsheets and programs write for an absent value. */

const WORDS = new Set([
  'null',
  'none',
  'nil',
  'nan',
  'na',
  'n/a',
  'undefined',
  'false',
  'empty',
  'unknown',
  // MySQL, PostgreSQL and BigQuery.
  '\\n',
]);

/** Brackets, quotes, dashes, dots and zeros alone, e.g. `[]`, `-`, `0` and `00000000-0000-0000-0000-000000000000`. */
const NO_CONTENT = /^[\s\-–—_.?#*/'"`()[\]{}<>|0]*$/;

/** Returns whether a text is blank or stands for an absent id, such as `NULL`, `(null)`, `n/a`, `-`, `[]` and `0`. */
export function isPlaceholder(text: string): boolean {
  if (NO_CONTENT.test(text)) return true;
  // No longer text is a word of the list.
  return (
    text.length <= 13 &&
    WORDS.has(text.toLowerCase().replaceAll(/^[\s"'#(<[]+|(?<![\s"')>\]])[\s"')>\]]+$/g, ''))
  );
}
