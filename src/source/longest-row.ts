/** How long a row may be: a longer one is no customer, and no card can show it. */

import { failure, type Failure } from '../job/failure.ts';

/** Characters of all its values. A customer has some 100, at most a few thousand. */
export const LONGEST_ROW = 1_000_000;

/** Why the row cannot be taken, or undefined. `place` is where it stands, e.g. `line 5`. */
export function tooLong(values: readonly unknown[], place: string): Failure | undefined {
  let characters = 0;
  for (const value of values) if (typeof value === 'string') characters += value.length;
  if (characters <= LONGEST_ROW) return undefined;
  const detail = `${place} has ${characters} characters, ${LONGEST_ROW} are the most`;
  return failure('ROW_UNREADABLE', detail);
}
