/** Leaves rendered in one call of the engine, each in a scope of its own: many calls would cost more than they do. */

import type { Json, TemplateContext } from '../../domain/jobs/program.ts';
import type { Renderer } from '../jinja/renderer.ts';
import type { CompiledLeaf } from './compiled-leaf.ts';
import { readLeaf } from './leaf-value.ts';
import { makePicker } from './template-context.ts';

/** The values of the leaves in their order; undefined where they have to be rendered one by one. */
export type RenderJoined = (context: TemplateContext) => readonly Json[] | undefined;

/** `name` is what the engine will know them by. */
export function joinLeaves(renderer: Renderer, name: string, leaves: readonly CompiledLeaf[]): RenderJoined {
  if (leaves.length === 0) return () => [];
  const pick = makePicker(leaves.flatMap((leaf) => leaf.references));
  const separator = `\u001E${name}\u001E`;
  // Leaves that are fine alone may clash when joined (two blocks of one name): then only the slow road is left.
  const fault = renderer.add(name, leaves.map((leaf) => leaf.wrapped).join(separator));
  if (fault !== undefined) return () => undefined;
  return (context) => {
    if (leaves.some((leaf) => leaf.findAbsent(context) !== undefined)) return undefined;
    const result = renderer.render(name, pick(context));
    const printed = result.ok ? result.text.split(separator) : [];
    return printed.length === leaves.length ? printed.map(readLeaf) : undefined;
  };
}

const ofTheMoment: ReadonlySet<string> = new Set(['time', 'text']);

/**
 * Whether the leaf says the same to every customer at one time with one text. The guide's
 * `changeMessage` does, and takes longer to render than all other leaves together.
 */
export function isOfTheMoment({ references }: CompiledLeaf): boolean {
  return references.every(({ root }) => ofTheMoment.has(root));
}

/** Renders again only when the time or the text is another one than last. */
export function oncePerMoment(render: RenderJoined): RenderJoined {
  let last: { time: number; text: string | undefined; values: readonly Json[] | undefined } | undefined;
  return (context) => {
    const { time, text } = context;
    if (last?.time !== time || last.text !== text) last = { time, text, values: render(context) };
    return last.values;
  };
}
