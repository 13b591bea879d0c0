/** How filters and functions of our own join the engine's. */

/** The arguments of one call in a template: `f(1, zone='x')`. Numbers are always JS numbers. */
export interface CallArguments {
  /** For a filter, the first one is the piped value; undefined where that is absent. */
  positional: readonly unknown[];
  named: Readonly<Record<string, unknown>>;
}

/**
 * What a call comes to. Never an exception: one that reaches the engine breaks it for good.
 * `blame` is `call` when no value could make this call right.
 */
export type CallResult =
  | { ok: true; value: unknown }
  | { ok: false; problem: string; blame: 'call' | 'value' };

/** A filter or function; `context` is what the template is being rendered with. */
export type Call = (args: CallArguments, context: Readonly<Record<string, unknown>>) => CallResult;

/** Names that templates know beyond Jinja's own. */
export interface Dialect {
  filters: Readonly<Record<string, Call>>;
  functions: Readonly<Record<string, Call>>;
}

export function value(result: unknown): CallResult {
  return { ok: true, value: result };
}

/** The piped value is at fault; the message must not quote it. */
export function badValue(problem: string): CallResult {
  return { ok: false, problem, blame: 'value' };
}

/** The call itself is at fault, whatever the data. */
export function badCall(problem: string): CallResult {
  return { ok: false, problem, blame: 'call' };
}

/** Takes the engine's arguments apart: keyword arguments come as a trailing Map, whole numbers as BigInt. */
export function readArguments(raw: readonly unknown[]): CallArguments {
  const last = raw.at(-1);
  const hasNamed = raw.length > 0 && last instanceof Map;
  return {
    positional: (hasNamed ? raw.slice(0, -1) : raw).map(plainNumber),
    named: hasNamed
      ? Object.fromEntries([...last].map(([name, given]) => [String(name), plainNumber(given)]))
      : {},
  };
}

function plainNumber(given: unknown): unknown {
  return typeof given === 'bigint' ? Number(given) : given;
}
