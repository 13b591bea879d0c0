/** How Bloomreach's filters and our own functions plug into the interpreter. */

import type { Filter } from './library/library.ts';

/** The arguments of one call in a template: `f(1, zone='x')`. Numbers are JavaScript's. */
export interface CallArguments {
  /** For a filter, the first one is the piped value; undefined if that is an empty result, e.g. of `first`. */
  positional: readonly unknown[];
  named: Readonly<Record<string, unknown>>;
}

/** The result of a call; `blame` is `call` if no value could make this call right. */
export type CallResult =
  | { ok: true; value: unknown }
  | { ok: false; problem: string; blame: 'call' | 'value' };

/** A filter or function; `time` is that of the call, in Unix seconds. */
export type Call = (args: CallArguments, context: { time?: unknown }) => CallResult;

/** Names that templates know beyond Jinja's own. */
export interface Dialect {
  filters: Readonly<Record<string, Call>>;
  functions: Readonly<Record<string, Call>>;
  /** Filters in place of those of Jinja2. */
  overrides?: Readonly<Record<string, Filter>>;
}

export function value(result: unknown): CallResult {
  return { ok: true, value: result };
}

/** Blames the piped value. The message must not quote it: it is personal data. */
export function badValue(problem: string): CallResult {
  return { ok: false, problem, blame: 'value' };
}

/** Blames the call, whatever the data. */
export function badCall(problem: string): CallResult {
  return { ok: false, problem, blame: 'call' };
}
