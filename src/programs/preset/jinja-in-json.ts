/**
 * Jinja tags inside JSON text. Bloomreach renders the text before it parses the JSON, so a tag may
 * contain quotes that JSON would need escaped; the guide's own bodies escape them. Both forms are accepted.
 */

/** Literals of a tag: with quotes escaped for JSON, or not. */
const LITERAL = String.raw`\\"(?:(?!\\")[\s\S])*\\"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'`;

/**
 * A whole tag. A tag in which another tag starts is unclosed and does not match. The alternatives are
 * mutually exclusive, which prevents catastrophic backtracking.
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

/** Returns the tag that starts at the offset, if one does. */
export function tagAt(source: string, offset: number): string | undefined {
  TAG.lastIndex = offset;
  return TAG.exec(source)?.[0];
}

/** Returns the tag as the content of a JSON string. Typographic quotes of word processors become straight. */
export function tagAsJson(tag: string): string {
  return (
    straightenQuotes(tag)
      // eslint-disable-next-line no-control-regex -- exactly the characters that JSON requires escaped
      .replace(/\\(?:u[0-9a-fA-F]{4}|[\s\S])|["\u0000-\u001F]/g, (found) => {
        if (!found.startsWith('\\')) return JSON.stringify(found).slice(1, -1);
        // An escape that JSON does not have is Jinja's, e.g. '\d'.
        return /^\\(?:u.{4}|["\\/bfnrt])$/.test(found) ? found : `\\${found}`;
      })
  );
}

/** Returns the leaf that means the same as a tag without quotes in the position of a JSON value. */
export function tagAsLeaf(tag: string): string {
  // Every leaf is converted to JSON anyway.
  return straightenQuotes(tag).replace(/(?<!\s)\s*\|\s*tojson\s*([-+]?\}\})$/, ' $1');
}

function straightenQuotes(tag: string): string {
  return tag.replace(QUOTES, (found, literal: string | undefined, double: string | undefined) =>
    literal === undefined ? (double === undefined ? "'" : '"') : found,
  );
}
