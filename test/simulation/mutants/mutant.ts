/**
 * Planted bugs. Each replaces a text of one source file that occurs there once; `npm run simulation -- --mutants` plays
 * worlds with each until an invariant is violated.
 */

export interface Mutant {
  name: string;
  /** Below `src/`. */
  file: string;
  find: string;
  replace: string;
  /** Why it cannot be found, if it changes nothing that users notice. */
  equivalent?: string;
}
