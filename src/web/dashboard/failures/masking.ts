/** Masks personal data for viewers, who may read but not act. */

import type { BulkAction, ExcludedFailure } from '../../../domain/failures/bulk-action.ts';
import type { Json } from '../../../domain/jobs/program.ts';
import { hasRole, type Operator } from '../../../domain/operators/operator.ts';

/** Returns whether an operator may see names, addresses and other personal data. */
export function seesPersonalData({ role }: Operator): boolean {
  return hasRole(role, 'operator');
}

/** Masks all strings but their first character, and all numbers. The structure of the body stays visible. */
export function masked(value: Json): Json {
  if (typeof value === 'string') return maskedText(value);
  // Phone numbers may be numbers.
  if (typeof value === 'number') return '…';
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)]));
}

export function maskedText(text: string): string {
  return text === '' ? '' : `${String.fromCodePoint(text.codePointAt(0) ?? 0)}…`;
}

/** Returns a bulk action without the values that were typed for a customer, unless the operator may see them. */
export function bulkActionFor(operator: Operator, bulkAction: BulkAction): BulkAction {
  const { rule } = bulkAction;
  if (seesPersonalData(operator) || rule === undefined || !('values' in rule)) return bulkAction;
  const names = Object.keys(rule.values);
  return { ...bulkAction, rule: { values: Object.fromEntries(names.map((name) => [name, '…'])) } };
}

/** Returns excluded failures without their details, which may quote the customer, unless the operator may see them. */
export function excludedFor(operator: Operator, excluded: readonly ExcludedFailure[]): ExcludedFailure[] {
  if (seesPersonalData(operator)) return [...excluded];
  return excluded.map(({ detail: _personal, ...rest }) => rest);
}
