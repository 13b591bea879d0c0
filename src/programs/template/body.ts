/** A JSON body taken apart into the leaf strings that hold Jinja, and put together again from their values. */

import type { Json } from '../../domain/jobs/program.ts';
import { hasTags } from '../jinja/tags.ts';

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
  if (typeof json !== 'object' || json === null) return () => json;
  const before = leaves.length;
  const filler = Array.isArray(json) ? listFiller(json, path, leaves) : membersFiller(json, path, leaves);
  // What has no leaf below it is the same for everybody.
  return leaves.length === before ? () => json : filler;
}

function listFiller(json: readonly Json[], path: BodyPath, leaves: Leaf[]): Filler {
  const items = json.map((item, place) => fillerOf(item, [...path, place], leaves));
  return (values) => items.map((item) => item(values)).filter((item) => item !== undefined);
}

function membersFiller(json: { [key: string]: Json }, path: BodyPath, leaves: Leaf[]): Filler {
  const members = Object.entries(json).map(
    ([key, member]) => [key, fillerOf(member, [...path, key], leaves)] as const,
  );
  return (values) => {
    const filled: [string, Json][] = [];
    for (const [key, member] of members) {
      const value = member(values);
      if (value !== undefined) filled.push([key, value]);
    }
    // Not by assignment: a key may be `__proto__`.
    return Object.fromEntries(filled);
  };
}

/** `['notify', 0, 'value']` as people write it: `notify[0].value`. */
export function displayPath(path: BodyPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
