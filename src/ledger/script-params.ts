/** Names the keys and arguments of Lua scripts, so that a script and its caller cannot disagree on their order. */

export interface ScriptParams<Name extends string, Value> {
  /** Lua statement that declares a local variable for each name. */
  lua: string;
  /** 1-based index of the first value behind the named ones. */
  next: number;
  /** Puts values into the order of the names. */
  pack(values: Readonly<Record<Name, Value>>): Value[];
}

export const scriptKeys = <Name extends string>(...names: Name[]) => params<Name, string>('KEYS', names);

export const scriptArgs = <Name extends string>(...names: Name[]) =>
  params<Name, string | number>('ARGV', names);

function params<Name extends string, Value>(
  table: 'KEYS' | 'ARGV',
  names: readonly Name[],
): ScriptParams<Name, Value> {
  return {
    lua: `local ${names.join(', ')} = unpack(${table})\n`,
    next: names.length + 1,
    pack: (values) => names.map((name) => values[name]),
  };
}
