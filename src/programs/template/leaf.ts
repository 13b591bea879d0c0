/**
 * One compiled leaf string. The engine only prints text, so a leaf is wrapped to print its type as
 * well: a leaf that is exactly one `{{ expression }}` keeps the expression's type, any other is a string.
 */

import type { Json, TemplateContext } from '../../domain/jobs/program.ts';
import { parseExactJson } from '../../kit/json/exact-json.ts';
import type { Fault } from '../jinja/fault.ts';
import { parseNames, type Names, type Reference } from '../jinja/names.ts';
import type { Renderer } from '../jinja/renderer.ts';
import { soleExpression } from '../jinja/tags.ts';
import type { Leaf } from './body.ts';
import { makePicker } from './pick-values.ts';

type LeafResult = { ok: true; value: Json } | { ok: false; fault: Fault };

export interface CompiledLeaf extends Leaf, Names {
  /** The template that prints the value for {@link parsePrinted}. */
  wrapped: string;
  /** Returns a reference that the leaf always needs and that the context lacks. */
  findMissing(context: TemplateContext): Reference | undefined;
  render(context: TemplateContext): LeafResult;
}

/** Compiles a leaf, or returns its syntax error. */
export function compileLeaf(
  renderer: Renderer,
  { path, source }: Leaf,
): { ok: true; leaf: CompiledLeaf } | { ok: false; fault: Fault } {
  // First without the wrapping, which would hide a stray `{% endwith %}`.
  const fault = renderer.check(source);
  if (fault !== undefined) return { ok: false, fault };
  const wrapped = wrap(source);
  const compiled = renderer.compile(wrapped);
  if (!compiled.ok) return compiled;

  const names = parseNames(source);
  const needed = names.references.filter(({ unconditional }) => unconditional);
  const pick = makePicker(names.references);
  const findMissing = (context: TemplateContext) => needed.find((reference) => isMissing(reference, context));

  const render = (context: TemplateContext): LeafResult => {
    const missing = findMissing(context);
    if (missing !== undefined) {
      const at = [missing.root, ...missing.path.slice(0, 1)].join('.');
      return { ok: false, fault: { kind: 'absent', message: 'undefined value', at } };
    }
    const picked = pick(context);
    const result = picked.ok ? compiled.template.render(picked.values) : picked;
    if (result.ok) return { ok: true, value: parsePrinted(result.text) };
    const { at } = result.fault;
    const shown = at === VALUE ? soleExpression(source) : at;
    return { ok: false, fault: { ...result.fault, ...(shown !== undefined && { at: shown }) } };
  };
  return { ok: true, leaf: { path, source, ...names, wrapped, findMissing, render } };
}

/** The variable that holds the value of the expression in the wrapping. */
const VALUE = 'passbridge_value';

function wrap(source: string): string {
  const expression = soleExpression(source);
  const inside =
    expression === undefined
      ? `s${source}`
      : `{% set ${VALUE} = ${expression} %}` +
        `{% if ${VALUE} is string %}s{{ ${VALUE} }}` +
        // As JSON, an absent value would be null. Printing it is an error, as it should be.
        `{% elif ${VALUE} is undefined %}{{ ${VALUE} }}` +
        `{% else %}j{{ ${VALUE}|tojson }}{% endif %}`;
  // The block scopes what the leaf sets; the full stop separates a `{` at its end from the next tag.
  return `{% with %}${inside}.{% endwith %}`;
}

/** Returns the value of a leaf from the text that its wrapped template printed. */
export function parsePrinted(printed: string): Json {
  const text = printed.slice(1, -1);
  if (printed.startsWith('s')) return text;
  // A whole number that JSON would round, e.g. a 20-digit card number, keeps its digits as text.
  return parseExactJson(text) as Json;
}

/** Checks only the first step of a reference; the engine checks deeper ones. */
function isMissing({ root, path: [name] }: Reference, context: TemplateContext): boolean {
  if (root === 'text' || root === 'voucher') return context[root] === undefined;
  if (name === undefined || (root !== 'customer' && root !== 'customer_ids')) return false;
  return !Object.hasOwn(context[root], name) || (context[root][name] ?? null) === null;
}
