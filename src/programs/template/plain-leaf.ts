/**
 * Leaves that name a value and do nothing with it, `{{ customer.first_name }}`: most are such. They are looked
 * up without the engine, which takes longer to be told of a customer than to render.
 */

import type { Json, TemplateContext } from '../../domain/jobs/program.ts';
import { soleExpression } from '../jinja/tags.ts';

/** The leaf's value, as the engine would have it; undefined where that is the engine's to say. */
type LookUp = (context: TemplateContext) => Json | undefined;

const PLAIN = /^(?:customer|customer_ids|webhook)(?:\.[A-Za-z_]\w*)+$|^(?:time|text|voucher)$/;

/** `{{ customer.email | default('') }}`: an attribute, or nothing. */
const PLAIN_OR_NOTHING = /^(customer(?:_ids)?\.[A-Za-z_]\w*)\s*\|\s*default\((?:''|"")\)$/;

/** Undefined for a leaf that is anything more. */
export function plainLookUp(source: string): LookUp | undefined {
  const expression = soleExpression(source) ?? '';
  const orNothing = PLAIN_OR_NOTHING.exec(expression)?.[1];
  if (orNothing === undefined && !PLAIN.test(expression)) return undefined;
  const path = (orNothing ?? expression).split('.');
  return (context) => {
    const value = memberAt(path, context) ?? (orNothing === undefined ? undefined : '');
    return isPlain(value) ? value : undefined;
  };
}

/** Undefined where it is not there. */
function memberAt(path: readonly string[], context: TemplateContext): unknown {
  let value: unknown = context;
  for (const name of path) {
    if (!isMembers(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function isMembers(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What comes out of the engine as it went in. Of large whole numbers it keeps digits that are lost here. */
function isPlain(value: unknown): value is string | number | boolean {
  if (typeof value !== 'number') return typeof value === 'string' || typeof value === 'boolean';
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
