/** One leaf string, compiled on its own: the slow road, taken to say which leaf fails and why. */

import type { Json, TemplateContext } from '../../domain/jobs/program.ts';
import type { Fault } from '../jinja/fault.ts';
import { readNames, type Names, type Reference } from '../jinja/names.ts';
import type { Renderer } from '../jinja/renderer.ts';
import type { Leaf } from './body.ts';
import { readLeaf, unwrapSpan, wrapLeaf } from './leaf-value.ts';
import { isAbsent, makePicker } from './template-context.ts';

type LeafResult = { ok: true; value: Json } | { ok: false; fault: Fault };

export interface CompiledLeaf extends Leaf, Names {
  /** What to render among others: see {@link wrapLeaf}. */
  wrapped: string;
  /** A reference that the leaf cannot do without and the context lacks. */
  findAbsent(context: TemplateContext): Reference | undefined;
  render(context: TemplateContext): LeafResult;
}

/** Compiles a leaf under a name of its own in the engine. */
export function compileLeaf(
  renderer: Renderer,
  name: string,
  { path, source }: Leaf,
): { ok: true; leaf: CompiledLeaf } | { ok: false; fault: Fault } {
  // Alone first: wrapped, a stray `{% endwith %}` would look right.
  const wrapped = wrapLeaf(source);
  const fault = renderer.add(name, source) ?? renderer.add(name, wrapped);
  if (fault !== undefined) return { ok: false, fault };

  const names = readNames(source);
  const bare = names.references.filter((reference) => reference.bare);
  const pick = makePicker(names.references);
  const findAbsent = (context: TemplateContext) => bare.find((reference) => isAbsent(reference, context));

  const render = (context: TemplateContext): LeafResult => {
    const absent = findAbsent(context);
    if (absent !== undefined) {
      const at = [absent.root, ...absent.path.slice(0, 1)].join('.');
      return { ok: false, fault: { kind: 'absent', message: 'undefined value', at } };
    }
    const result = renderer.render(name, pick(context));
    if (result.ok) return { ok: true, value: readLeaf(result.text) };
    const at = unwrapSpan(result.fault.at, source);
    return { ok: false, fault: { ...result.fault, ...(at !== undefined && { at }) } };
  };
  return { ok: true, leaf: { path, source, ...names, wrapped, findAbsent, render } };
}
