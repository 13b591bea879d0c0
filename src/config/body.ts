/** A JSON body taken apart into the leaf strings that hold Jinja, and put together again from their values. */

import type { Json } from '../job/program.ts';
import { hasTags } from '../kit/jinja/tags.ts';

/** Where something is in a body: keys and positions. */
export type BodyPath = readonly (string | number)[];

/** Something that can never work, and where. */
export interface BodyProblem {
  path: BodyPath;
  problem: string;
}

/** A leaf string with Jinja in it. */
export interface Leaf {
  path: BodyPath;
  source: string;
}

export interface Body {
  leaves: readonly Leaf[];
  /** The body with each leaf's value in its place; a leaf that is undefined is left out. */
  assemble(values: readonly (Json | undefined)[]): Json;
}

type Filler = (values: readonly (Json | undefined)[]) => Json | undefined;

/** Takes a body apart. Everything but leaf strings with Jinja stays as it is, keys included. */
export function readBody(body: Json): Body {
  const leaves: Leaf[] = [];
  const filler = fillerOf(body, [], leaves);
  return { leaves, assemble: (values) => filler(values) ?? null };
}

function fillerOf(json: Json, path: BodyPath, leaves: Leaf[]): Filler {
  if (typeof json === 'string' && hasTags(json)) {
    const place = leaves.push({ path, source: json }) - 1;
    return (values) => values[place];
  }
  if (Array.isArray(json)) {
    const items = json.map((item, place) => fillerOf(item, [...path, place], leaves));
    return (values) => items.map((item) => item(values)).filter((item) => item !== undefined);
  }
  if (typeof json === 'object' && json !== null) {
    const members = Object.entries(json).map(
      ([key, member]) => [key, fillerOf(member, [...path, key], leaves)] as const,
    );
    return (values) =>
      Object.fromEntries(
        members.flatMap(([key, member]) => {
          const filled = member(values);
          return filled === undefined ? [] : [[key, filled]];
        }),
      );
  }
  return () => json;
}

/** `['notify', 0, 'value']` as people write it: `notify[0].value`. */
export function displayPath(path: BodyPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
