/** How our own filters and functions plug into the engine. */

/** The arguments of one call in a template: `f(1, zone='x')`. Numbers are always JS numbers. */
export interface CallArguments {
  /** For a filter, the first one is the piped value; undefined if that is absent. */
  positional: readonly unknown[];
  named: Readonly<Record<string, unknown>>;
}

/**
 * The result of a call. A call must not throw: an exception that reaches the engine breaks it for good.
 * `blame` is `call` if no value could make this call right.
 */
export type CallResult =
  | { ok: true; value: unknown }
  | { ok: false; problem: string; blame: 'call' | 'value' };

/** A filter or function; `context` is the context of the render in progress. */
export type Call = (args: CallArguments, context: Readonly<Record<string, unknown>>) => CallResult;

/** Names that templates know beyond Jinja's own. */
export interface Dialect {
  filters: Readonly<Record<string, Call>>;
  functions: Readonly<Record<string, Call>>;
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

/** Splits the engine's arguments: it passes keyword arguments as a trailing Map and whole numbers as BigInt. */
export function parseArguments(raw: readonly unknown[]): CallArguments {
  const last = raw.at(-1);
  const hasNamed = raw.length > 0 && last instanceof Map;
  return {
    positional: (hasNamed ? raw.slice(0, -1) : raw).map(toNumber),
    named: hasNamed
      ? Object.fromEntries([...last].map(([name, given]) => [String(name), toNumber(given)]))
      : {},
  };
}

function toNumber(given: unknown): unknown {
  return typeof given === 'bigint' ? Number(given) : given;
}
