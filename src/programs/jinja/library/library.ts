/** What filters, tests and functions are to the interpreter. */

import type { Meter } from '../../python/meter.ts';
import type { Args, Value } from '../../python/values.ts';

/** What calls may use of the render in progress. */
export interface Run {
  meter: Meter;
  library: Library;
  /** The time of the call, in Unix seconds. */
  time: Value | undefined;
}

export type Filter = (piped: Value, args: Args, run: Run) => Value;
export type Test = (tested: Value, args: Args, run: Run) => boolean;
export type GlobalFunction = (args: Args, run: Run) => Value;

/** The names that templates know. */
export interface Library {
  filters: ReadonlyMap<string, Filter>;
  tests: ReadonlyMap<string, Test>;
  functions: ReadonlyMap<string, GlobalFunction>;
}
