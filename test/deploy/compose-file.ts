/** Reads compose.yaml, and the files on top of it as `docker compose -f … -f …` merges them. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { project, topLevel } from './compose-shape.ts';

export type Project = z.infer<typeof project>;

type Tree = Record<string, unknown>;

/** In place of `!reset`, which empties what the file below says. */
const emptied = Symbol('!reset');
const reset = { tag: '!reset', collection: 'seq' as const, resolve: () => emptied };

export function readProject(...files: readonly string[]): Project {
  return parseProject(...files.map((file) => readFileSync(file, 'utf8')));
}

/** Throws where a file, or what becomes of all, has something that ours do not need. */
export function parseProject(...texts: readonly string[]): Project {
  const trees = texts.map((text) => parse(text, { merge: true, customTags: [reset] }) as Tree);
  const merged = trees.reduce((below, above) => merge(below, above) as Tree);
  const strange = Object.keys(merged).filter((key) => !topLevel.test(key));
  if (strange.length > 0) throw new Error(`What is ${strange.join(', ')}?`);
  return project.parse(merged);
}

/** By https://docs.docker.com/reference/compose-file/merge/. */
function merge(below: unknown, above: unknown, key = ''): unknown {
  if (above === emptied) return [];
  if (key === 'volumes' && Array.isArray(below) && Array.isArray(above)) {
    const targets = new Set(above.map(targetOf));
    return [...below.filter((volume) => !targets.has(targetOf(volume))), ...(above as unknown[])];
  }
  if (key === 'command' || key === 'test' || !isTree(below) || !isTree(above)) return above;
  const merged = Object.entries(above).map(([name, value]) => [name, merge(below[name], value, name)]);
  return { ...below, ...(Object.fromEntries(merged) as Tree) };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where a volume `source:target[:ro]` lies in the container. */
function targetOf(volume: unknown): string | undefined {
  return String(volume).split(':')[1];
}
