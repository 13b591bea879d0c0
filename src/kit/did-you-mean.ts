/** Suggests the known name that a misspelt one most likely stands for. */

import { closest, distance } from 'fastest-levenshtein';

/** Returns the nearest known name if at most a third of its letters differ (or 2); otherwise undefined. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(name, known);
  return distance(name, candidate) <= Math.max(2, Math.floor(name.length / 3)) ? candidate : undefined;
}

/** Returns `, did you mean X?`, or an empty text if no known name is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const candidate = nearest(name, known);
  return candidate === undefined ? '' : `, did you mean ${candidate}?`;
}
