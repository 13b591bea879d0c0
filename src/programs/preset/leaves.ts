/** The single values of a body, and a body with some of them changed. */

import type { Json } from '../../domain/jobs/program.ts';
import type { BodyPath } from '../template/body.ts';

/** A text in a body; `name` is what Passmachine knows it by: its key, or the end of a patch's path. */
export interface TextLeaf {
  path: BodyPath;
  name: string;
  text: string;
}

/** All texts of a body but the words of a patch itself. */
export function textsOf(body: Json): TextLeaf[] {
  const leaves: TextLeaf[] = [];
  mapTexts(body, (leaf) => {
    leaves.push(leaf);
    return leaf.text;
  });
  return leaves;
}

/** The same body with each text replaced by what `change` makes of it. */
export function mapTexts(body: Json, change: (leaf: TextLeaf) => string): Json {
  const walk = (value: Json, path: BodyPath, name: string): Json => {
    if (typeof value === 'string') return change({ path, name, text: value });
    if (Array.isArray(value)) return value.map((item, place) => walk(item, [...path, place], name));
    if (typeof value !== 'object' || value === null) return value;
    if (isOperation(value)) {
      const target = value.path.split('/').at(-1)?.replaceAll('~1', '/').replaceAll('~0', '~') ?? '';
      return { ...value, value: walk(value['value'] ?? null, [...path, 'value'], target) };
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, walk(member, [...path, key], key)]),
    );
  };
  return walk(body, [], '');
}

function isOperation(value: { [key: string]: Json }): value is { path: string; [key: string]: Json } {
  return typeof value['op'] === 'string' && typeof value['path'] === 'string' && 'value' in value;
}
