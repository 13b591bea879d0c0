/** All leaves of a body at once, each by the shortest road that its source allows. */

import type { Json, TemplateContext } from '../../domain/jobs/program.ts';
import type { Renderer } from '../jinja/renderer.ts';
import type { CompiledLeaf } from './compiled-leaf.ts';
import { isOfTheMoment, joinLeaves, oncePerMoment, type RenderJoined } from './joined-leaves.ts';
import { plainLookUp } from './plain-leaf.ts';

/** Some of the leaves, and what renders those. */
interface Group {
  leaves: readonly CompiledLeaf[];
  render: RenderJoined;
}

/** `id` is what the engine will know them by. Undefined where they have to be rendered one by one. */
export function renderTogether(
  renderer: Renderer,
  id: string,
  leaves: readonly CompiledLeaf[],
): RenderJoined {
  const lookUps = new Map(leaves.map((leaf) => [leaf, plainLookUp(leaf.source)]));
  const plain = leaves.filter((leaf) => lookUps.get(leaf) !== undefined);
  const others = leaves.filter((leaf) => !plain.includes(leaf));
  const moment = others.filter(isOfTheMoment);
  const personal = others.filter((leaf) => !isOfTheMoment(leaf));

  const ofMoment = { leaves: moment, render: oncePerMoment(joinLeaves(renderer, `${id}/moment`, moment)) };
  const lookedUp = {
    leaves: plain,
    render: (context: TemplateContext) => allOf(plain, (leaf) => lookUps.get(leaf)?.(context)),
  };
  const short = inOrder(leaves, [lookedUp, ofMoment, joined(renderer, `${id}/personal`, personal)]);
  const long = inOrder(leaves, [ofMoment, joined(renderer, `${id}/all`, [...plain, ...personal])]);
  return (context) => short(context) ?? long(context);
}

function joined(renderer: Renderer, name: string, leaves: readonly CompiledLeaf[]): Group {
  return { leaves, render: joinLeaves(renderer, name, leaves) };
}

/** The values of all leaves, in the order of the body, from groups that hold each of them once. */
function inOrder(leaves: readonly CompiledLeaf[], groups: readonly Group[]): RenderJoined {
  const places = groups.map((group) => group.leaves.map((leaf) => leaves.indexOf(leaf)));
  return (context) => {
    const values: Json[] = Array.from({ length: leaves.length }, () => null);
    for (const [nth, group] of groups.entries()) {
      const found = group.render(context);
      if (found === undefined) return undefined;
      places[nth]?.forEach((place, index) => (values[place] = found[index] ?? null));
    }
    return values;
  };
}

/** Undefined as soon as one is. */
function allOf<T>(items: readonly T[], valueOf: (item: T) => Json | undefined): Json[] | undefined {
  const values: Json[] = [];
  for (const item of items) {
    const value = valueOf(item);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}
