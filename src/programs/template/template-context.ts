/** What of a {@link TemplateContext} a body needs to see: marshalling into the engine costs more than rendering. */

import type { TemplateContext } from '../../domain/jobs/program.ts';
import { withoutNulls } from '../jinja/filters.ts';
import type { Reference } from '../jinja/names.ts';

/** Picks what the references ask for. Null counts as absent, as in Bloomreach. */
export function makePicker(
  references: readonly Reference[],
): (context: TemplateContext) => Record<string, unknown> {
  const roots = new Set(references.map(({ root }) => root));
  const attributes = attributesIn(references);
  const all = references.some(({ root, path }) => root === 'customer' && path.length === 0);
  return (context) => {
    const picked: Record<string, unknown> = { time: context.time };
    if (roots.has('customer'))
      picked['customer'] = all ? withoutNulls(context.customer) : pick(context.customer, attributes);
    if (roots.has('customer_ids')) picked['customer_ids'] = context.customer_ids;
    if (context.text !== undefined) picked['text'] = context.text;
    if (context.voucher !== undefined) picked['voucher'] = context.voucher;
    if (context.webhook !== undefined && roots.has('webhook'))
      picked['webhook'] = withoutNulls(context.webhook);
    return picked;
  };
}

/** The customer attributes mentioned, each once. */
export function attributesIn(references: readonly Reference[]): string[] {
  const names = references.filter(({ root }) => root === 'customer').map(({ path }) => path[0]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Whether a reference's first step leads anywhere; deeper ones are the engine's to judge. */
export function isAbsent({ root, path: [name] }: Reference, context: TemplateContext): boolean {
  if (root === 'text' || root === 'voucher') return context[root] === undefined;
  if (name === undefined || (root !== 'customer' && root !== 'customer_ids')) return false;
  return !Object.hasOwn(context[root], name) || (context[root][name] ?? null) === null;
}

function pick(attributes: TemplateContext['customer'], names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    if (Object.hasOwn(attributes, name) && (attributes[name] ?? null) !== null)
      picked[name] = withoutNulls(attributes[name]);
  }
  return picked;
}
