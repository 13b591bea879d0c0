/** Shows characters that a terminal would obey instead of print: texts of upstreams and customers may hold them. */

/**
 * Control characters but line feed and tab, among them those of U+0080 to U+009F, which start commands like ESC does
 * (ECMA-48); marks, embeddings, overrides and isolates that reorder text (UAX #9); line and paragraph separators.
 */
const OBEYED = /(?![\n\t])\p{Cc}|[\u{61c}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2066}-\u{2069}]/gu;

/**
 * Returns a text in which such characters are written as JSON writes them, e.g. `\u001b`: inside of JSON, which has them
 * in texts only, they keep their meaning.
 */
export function visible(text: string): string {
  return text.replaceAll(
    OBEYED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** As {@link visible}, on one line: a line break in a text could look like the next line of the output. */
export function visibleLine(text: string): string {
  return visible(text.replaceAll(/[\t\n\v\f\r\u2028\u2029]+/g, ' ').trim());
}
