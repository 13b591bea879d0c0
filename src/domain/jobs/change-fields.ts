/** The fields of a card that a change sets: two changes can only overtake each other if they set the same ones. */

/**
 * Returns the paths of a JSON Patch, sorted and separated by spaces, e.g. `/templateVariables/points`. A body that is no
 * JSON Patch has no paths: such changes are compared with each other.
 */
export function changedFields(body: string): string {
  const operations = parse(body);
  if (!Array.isArray(operations)) return '';
  const paths = operations.map((operation: unknown) =>
    typeof operation === 'object' && operation !== null && 'path' in operation ? String(operation.path) : '',
  );
  return [...new Set(paths)].toSorted().join(' ');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
