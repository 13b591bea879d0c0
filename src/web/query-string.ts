/** Query strings of all routes. */

/**
 * Parses a query string into texts by name. Of a repeated name the first value counts: a list would reach code that
 * expects a text.
 */
export function parseQueryString(text: string): Record<string, string> {
  return Object.fromEntries([...new URLSearchParams(text)].toReversed());
}
