/** Paths into JSON and YAML values, and problems found at them. */

/** Keys and indexes from the root, e.g. `['notify', 0, 'value']`. */
export type JsonPath = readonly (string | number)[];

/** A problem at a path. The sentence starts after the path: `is missing`. */
export interface PathProblem {
  path: JsonPath;
  problem: string;
}

/** Formats a path as JavaScript writes it: `notify[0].value`. */
export function formatPath(path: JsonPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
