/** Parses systemd unit files as far as ours need it: sections and repeated keys, but no continuation lines. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const UNIT_FOLDER = 'deploy/systemd';

export interface Unit {
  file: string;
  /** Values of each `Section.Key`, in the order of the file. */
  values: ReadonlyMap<string, readonly string[]>;
  /** Returns the value of a key; throws unless there is exactly one. */
  one: (key: string) => string;
  /** The variables of `Environment=`. */
  environment: Readonly<Record<string, string>>;
}

/** Reads every service of the folder; throws at a line that it cannot parse. */
export function readUnits(): Unit[] {
  return readdirSync(UNIT_FOLDER)
    .filter((name) => name.endsWith('.service'))
    .map((name) => readUnit(join(UNIT_FOLDER, name)));
}

function readUnit(file: string): Unit {
  const values = new Map<string, string[]>();
  let section = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, header] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (header !== undefined) section = header;
    else if (key === undefined || value === undefined) throw new Error(`${file}: cannot parse ${line}`);
    else values.set(`${section}.${key}`, [...(values.get(`${section}.${key}`) ?? []), value]);
  }
  const one = (key: string) => {
    const [value, ...others] = values.get(key) ?? [];
    if (value === undefined || others.length > 0) throw new Error(`${file} must have ${key} exactly once`);
    return value;
  };
  const pairs = (values.get('Service.Environment') ?? []).map((pair) => {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
    return [name, value] as const;
  });
  return { file, values, one, environment: Object.fromEntries(pairs) };
}
