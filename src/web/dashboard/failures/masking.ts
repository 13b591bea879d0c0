/** Personal data as somebody sees it who may look but not act. */

import type { Operator } from '../../../job/operator.ts';
import { mayAct } from '../../../job/operator.ts';
import type { Json } from '../../../job/program.ts';

/** Whether somebody's names and addresses are shown to them. */
export function seesPeople({ role }: Operator): boolean {
  return mayAct(role, 'operator');
}

/** Every text of a body but its first character; what a body is made of stays. */
export function masked(value: Json): Json {
  if (typeof value === 'string') return maskedText(value);
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)]));
}

export function maskedText(text: string): string {
  return text === '' ? '' : `${String.fromCodePoint(text.codePointAt(0) ?? 0)}…`;
}
