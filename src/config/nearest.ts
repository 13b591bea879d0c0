/** "Did you mean": the known name that a misspelt one most likely stands for. */

import { closest, distance } from 'fastest-levenshtein';

/** The nearest of the known names, if it is near enough to be a slip: a third of its letters, at least 2. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(name, known);
  return distance(name, candidate) <= Math.max(2, Math.floor(name.length / 3)) ? candidate : undefined;
}

/** `, did you mean X?`, or nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const candidate = nearest(name, known);
  return candidate === undefined ? '' : `, did you mean ${candidate}?`;
}
