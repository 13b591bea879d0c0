/** One compiled leaf string: one that is exactly one `{{ expression }}` keeps the expression's type, any other is a text. */

import type { Json, TemplateContext } from '../../domain/jobs/program.ts';
import type { Fault } from '../jinja/fault.ts';
import { findNames, type Names, type Reference } from '../jinja/names.ts';
import type { Renderer } from '../jinja/renderer.ts';
import { unsupportedIn } from '../jinja/static-checks.ts';
import type { Leaf } from './body.ts';
import { makePicker } from './pick-values.ts';

type LeafResult = { ok: true; value: Json } | { ok: false; fault: Fault };

export interface CompiledLeaf extends Leaf, Names {
  /** Whether the leaf is exactly one `{{ expression }}`. */
  isExpression: boolean;
  /** Sentences about parts of Jinja that are not supported. */
  unsupported: readonly string[];
  render(context: TemplateContext): LeafResult;
}

/** Compiles a leaf, or returns its syntax error. */
export function compileLeaf(
  renderer: Renderer,
  { path, source }: Leaf,
): { ok: true; leaf: CompiledLeaf } | { ok: false; fault: Fault } {
  const compiled = renderer.compile(source);
  if (!compiled.ok) return compiled;
  const { template } = compiled;
  const names = findNames(template.statements);
  const needed = names.references.filter(({ unconditional }) => unconditional);
  const pick = makePicker(names.references);

  const render = (context: TemplateContext): LeafResult => {
    const missing = needed.find((reference) => isMissing(reference, context));
    if (missing !== undefined) {
      const at = [missing.root, ...missing.path.slice(0, 1)].join('.');
      return { ok: false, fault: { kind: 'absent', message: 'undefined value', at } };
    }
    const picked = pick(context);
    return picked.ok ? template.render(picked.values) : picked;
  };
  const unsupported = unsupportedIn(template.statements);
  const isShared = names.references.every(({ root }) => root === 'time' || root === 'text');
  const { isExpression } = template;
  return {
    ok: true,
    leaf: {
      path,
      source,
      ...names,
      isExpression,
      unsupported,
      render: isShared ? cacheLast(render) : render,
    },
  };
}

/**
 * Renders a leaf that depends on no customer again only if the time or the text differs from the last call. The guide's
 * `changeMessage` is one, and takes longer to render than all other leaves together.
 */
function cacheLast(render: CompiledLeaf['render']): CompiledLeaf['render'] {
  let last: { time: number; text: string | undefined; result: LeafResult } | undefined;
  return (context) => {
    const { time, text } = context;
    if (last?.time !== time || last.text !== text) last = { time, text, result: render(context) };
    return last.result;
  };
}

/** Checks only the first step of a reference; the interpreter checks deeper ones. */
function isMissing({ root, path: [name] }: Reference, context: TemplateContext): boolean {
  if (root === 'text' || root === 'voucher') return context[root] === undefined;
  if (name === undefined || (root !== 'customer' && root !== 'customer_ids')) return false;
  return !Object.hasOwn(context[root], name) || (context[root][name] ?? null) === null;
}
