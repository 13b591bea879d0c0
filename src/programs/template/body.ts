/** Splits a JSON body into the leaf strings that contain Jinja, and assembles it again from their values. */

import type { Json } from '../../domain/jobs/program.ts';
import type { JsonPath } from '../../kit/json-path.ts';
import { hasTags } from '../jinja/syntax/tokens.ts';

/** A leaf string with Jinja in it. */
export interface Leaf {
  path: JsonPath;
  source: string;
}

export interface Body {
  leaves: readonly Leaf[];
  /** Returns the body with the leaves' values, in the order of `leaves`. Leaves that are undefined are omitted. */
  assemble(values: readonly (Json | undefined)[]): Json;
}

type Assemble = (values: readonly (Json | undefined)[]) => Json | undefined;

/** Splits a body. Everything but leaf strings with Jinja stays as it is, keys included. */
export function parseBody(body: Json): Body {
  const leaves: Leaf[] = [];
  const assemble = assembleAny(body, [], leaves);
  return { leaves, assemble: (values) => assemble(values) ?? null };
}

function assembleAny(json: Json, path: JsonPath, leaves: Leaf[]): Assemble {
  if (typeof json === 'string' && hasTags(json)) {
    const index = leaves.push({ path, source: json }) - 1;
    return (values) => values[index];
  }
  if (typeof json !== 'object' || json === null) return () => json;
  const before = leaves.length;
  const assemble = Array.isArray(json)
    ? assembleList(json, path, leaves)
    : assembleObject(json, path, leaves);
  // Without leaves the value is the same for every customer.
  return leaves.length === before ? () => json : assemble;
}

function assembleList(json: readonly Json[], path: JsonPath, leaves: Leaf[]): Assemble {
  const items = json.map((item, index) => assembleAny(item, [...path, index], leaves));
  return (values) => items.map((item) => item(values)).filter((item) => item !== undefined);
}

function assembleObject(json: { [key: string]: Json }, path: JsonPath, leaves: Leaf[]): Assemble {
  const members = Object.entries(json).map(
    ([key, member]) => [key, assembleAny(member, [...path, key], leaves)] as const,
  );
  return (values) => {
    const assembled: [string, Json][] = [];
    for (const [key, member] of members) {
      const value = member(values);
      if (value !== undefined) assembled.push([key, value]);
    }
    // Not by assignment: a key may be `__proto__`.
    return Object.fromEntries(assembled);
  };
}
