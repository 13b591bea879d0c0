/** The ids of a customer, as they come in requests. */

/**
 * Those of `types` that can name a customer, in that order. Others, such as Bloomreach's lists of
 * cookies and the null of an id that a customer lacks, are left out.
 */
export function readIds(
  given: Readonly<Record<string, unknown>>,
  types: Iterable<string>,
): Record<string, string> {
  const ids: Record<string, string> = {};
  for (const type of types) {
    const id = given[type];
    // A number that JSON cannot hold exactly would be the id of somebody else.
    const text = typeof id === 'string' ? id.trim() : Number.isSafeInteger(id) ? String(id) : '';
    if (text !== '') ids[type] = text;
  }
  return ids;
}
