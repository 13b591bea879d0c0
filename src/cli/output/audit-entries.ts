/** Audit entries as text, each with its sequence number, so that a gap is visible. */

import type { AuditEntry } from '../../domain/operators/audit-entry.ts';
import type { Json } from '../../domain/jobs/program.ts';
import { isObject } from '../../kit/is-object.ts';
import { visibleLine } from '../../kit/text/visible.ts';

/** Returns one block per entry, in the order given. */
export function describeEntries(entries: readonly AuditEntry[]): string {
  if (entries.length === 0) return 'No audit entries match.';
  const width = Math.max(...entries.map(({ n }) => String(n).length));
  return entries.map((entry) => describe(entry, width)).join('\n');
}

function describe(entry: AuditEntry, width: number): string {
  const { n, at, by, via, action, target, reason, voids, ...change } = entry;
  const time = new Date(at).toISOString().replace(/\.\d+/, '');
  const details = [
    ...(voids === undefined ? [] : [`entry ${voids} failed`]),
    ...(reason === '' ? [] : [reason]),
    ...describeChange(change),
  ];
  return [
    `${String(n).padStart(width)}  ${time}  ${action}  ${visibleLine(target)}  by ${visibleLine(by)} (${via})`,
    ...details.map((detail) => `${' '.repeat(width)}    ${visibleLine(detail)}`),
  ].join('\n');
}

/** Returns a line for each field that changed or was set. */
function describeChange({ before, after }: Pick<AuditEntry, 'before' | 'after'>): string[] {
  const [old, current] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(current)])];
  return names.flatMap((name) => {
    const values = [old[name], current[name]].filter((value) => value !== undefined).map(textOf);
    return values[0] === values[1] ? [] : [`${name}: ${values.join(' → ')}`];
  });
}

function fieldsOf(value: Json | undefined): { [name: string]: Json | undefined } {
  if (value === undefined) return {};
  return isObject(value) ? value : { value };
}

function textOf(value: Json): string {
  if (value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
