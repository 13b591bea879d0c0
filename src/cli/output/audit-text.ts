/** Entries of the audit in words, each with its number, so that a gap shows. */

import type { AuditEntry } from '../../domain/operators/audit-entry.ts';
import type { Json } from '../../domain/jobs/program.ts';

/** Each in a block of its own, in the order given. */
export function describeEntries(entries: readonly AuditEntry[]): string {
  if (entries.length === 0) return 'Nobody has changed anything.';
  const width = Math.max(...entries.map(({ n }) => String(n).length));
  return entries.map((entry) => describe(entry, width)).join('\n');
}

function describe({ n, at, by, via, act, on, reason, voids, ...change }: AuditEntry, width: number): string {
  const time = new Date(at).toISOString().replace(/\.\d+/, '');
  const remarks = [
    ...(voids === undefined ? [] : [`came to nothing: entry ${voids}`]),
    ...(reason === '' ? [] : [reason]),
    ...describeChange(change),
  ];
  return [
    plain(`${String(n).padStart(width)}  ${time}  ${act}  ${on}  by ${by} (${via})`),
    ...remarks.map((remark) => plain(`${' '.repeat(width)}    ${remark}`)),
  ].join('\n');
}

/** A line for each thing that changed or was set. */
function describeChange({ before, after }: Pick<AuditEntry, 'before' | 'after'>): string[] {
  const [was, is] = [partsOf(before), partsOf(after)];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names.flatMap((name) => {
    const values = [was[name], is[name]].filter((value) => value !== undefined).map(textOf);
    return values[0] === values[1] ? [] : [`${name}: ${values.join(' → ')}`];
  });
}

function partsOf(value: Json | undefined): { [name: string]: Json | undefined } {
  if (value === undefined) return {};
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { value };
}

function textOf(value: Json): string {
  if (value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What people wrote stays on its line: nobody can write a line that looks like an entry. */
function plain(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, ' ');
}
