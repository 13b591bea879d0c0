/** Personal data as somebody sees it who may look but not act. */

import type { LeftOut, BulkAction } from '../../../domain/failures/bulk-action.ts';
import type { Operator } from '../../../domain/operators/operator.ts';
import { mayAct } from '../../../domain/operators/operator.ts';
import type { Json } from '../../../domain/jobs/program.ts';

/** Whether somebody's names and addresses are shown to them. */
export function seesPersonalData({ role }: Operator): boolean {
  return mayAct(role, 'operator');
}

/** Every text of a body but its first character, and every number; what a body is made of stays. */
export function masked(value: Json): Json {
  if (typeof value === 'string') return maskedText(value);
  // A telephone number is one, too.
  if (typeof value === 'number') return '…';
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)]));
}

/** A receipt without what was typed for a customer by hand, for whoever does not see people. */
export function bulkActionFor(operator: Operator, bulkAction: BulkAction): BulkAction {
  const { rule } = bulkAction;
  if (seesPersonalData(operator) || rule === undefined || !('values' in rule)) return bulkAction;
  const names = Object.keys(rule.values);
  return { ...bulkAction, rule: { values: Object.fromEntries(names.map((name) => [name, '…'])) } };
}

/** What was left out, without what may quote the customer. */
export function leftOutFor(operator: Operator, leftOut: readonly LeftOut[]): LeftOut[] {
  if (seesPersonalData(operator)) return [...leftOut];
  return leftOut.map(({ detail: _quoting, ...rest }) => rest);
}

export function maskedText(text: string): string {
  return text === '' ? '' : `${String.fromCodePoint(text.codePointAt(0) ?? 0)}…`;
}
