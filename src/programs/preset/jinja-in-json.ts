/**
 * Jinja inside JSON text. Bloomreach renders the text before it is JSON, so that a tag may hold quotes
 * that JSON would want escaped; the guide's own bodies have them escaped. Both are read here.
 */

/** Literals of a tag: with quotes escaped for JSON, or not. */
const LITERAL = String.raw`\\"(?:(?!\\")[\s\S])*\\"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'`;

/**
 * A whole tag; never one that another tag begins in, which is one that was not closed. Its alternatives
 * exclude each other: otherwise some texts would take for ever.
 */
const TAG = new RegExp(
  [
    String.raw`\{\{(?:${LITERAL}|\\[^"]|(?!\}\}|\{[{%])[^"'\\])*\}\}`,
    String.raw`\{%(?:${LITERAL}|\\[^"]|(?!%\}|\{[{%])[^"'\\])*%\}`,
    String.raw`\{#[\s\S]*?#\}`,
  ].join('|'),
  'y',
);

const QUOTES = new RegExp(`(?<literal>${LITERAL})|(?<double>[“”„‟«»])|[‘’‚‛]`, 'g');

/** The tag that begins at the place, if one does. */
export function tagAt(source: string, place: number): string | undefined {
  TAG.lastIndex = place;
  return TAG.exec(source)?.[0];
}

/** The tag as it stands in a JSON string; quotes that a word processor made typographic are straight again. */
export function tagAsJson(tag: string): string {
  return (
    straightened(tag)
      // eslint-disable-next-line no-control-regex -- JSON wants exactly these escaped
      .replace(/\\(?:u[0-9a-fA-F]{4}|[\s\S])|["\u0000-\u001F]/g, (found) => {
        if (!found.startsWith('\\')) return JSON.stringify(found).slice(1, -1);
        // What is no escape in JSON is one in Jinja, e.g. '\d'.
        return /^\\(?:u.{4}|["\\/bfnrt])$/.test(found) ? found : `\\${found}`;
      })
  );
}

/** A tag that stands where JSON has a value, without quotes around it, as the leaf that means the same. */
export function tagAsLeaf(tag: string): string {
  // To JSON is what becomes of every leaf's value anyway.
  return straightened(tag).replace(/\s*\|\s*tojson\s*([-+]?\}\})$/, ' $1');
}

function straightened(tag: string): string {
  return tag.replace(QUOTES, (found, literal: string | undefined, double: string | undefined) =>
    literal === undefined ? (double === undefined ? "'" : '"') : found,
  );
}
