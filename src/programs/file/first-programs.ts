/** A newcomer's programs file: one of the examples, of which everything stays but what differs for everybody. */

import { isMap, isPair, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';
import type { CardType } from '../../domain/jobs/program.ts';

interface FirstProgram {
  card: CardType;
  /** Passmachine's id of the card template. */
  templateId: string;
  /** Path of the JSON Schema from where the file will be. */
  schema: string;
}

interface Edit {
  from: number;
  to: number;
  text: string;
}

/**
 * The text of an example, with the card and the template of its first program set, and the schema found. Not a character
 * besides changes: written anew as a whole, YAML would keep the comments and lose the layout of the
 * pasted bodies. Throws where the text is no programs file.
 */
export function fillProgram(example: string, { card, templateId, schema }: FirstProgram): string {
  const text = example.replace(
    /^(# yaml-language-server: \$schema=).*$/m,
    (_, mark: string) => mark + schema,
  );
  const program = firstProgram(text);
  const create = pairOf(program, 'create')?.value;
  const id = JSON.stringify(templateId);
  const ids = [pairOf(program, 'templateId'), isMap(create) ? pairOf(create, 'templateId') : undefined];
  const edits = ids.filter((pair) => pair !== undefined).map((pair) => replacing(pair.value, id));
  const kind = pairOf(program, 'card');
  if (kind === undefined) throw new Error('the example has no card');
  if (edits.length === 0) edits.push(linesBefore(text, kind.key, `templateId: ${id}`));
  return applied(text, [...edits, replacing(kind.value, card)]);
}

function firstProgram(text: string): YAMLMap {
  const document = parseDocument(text);
  const programs = document.get('programs');
  const first: unknown = isMap(programs) ? programs.items[0]?.value : undefined;
  if (document.errors.length > 0 || !isMap(first)) throw new Error('the example has no program');
  return first;
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === name);
}

function replacing(node: unknown, text: string): Edit {
  const range = isScalar(node) ? node.range : undefined;
  if (range === null || range === undefined) throw new Error('the example has a list where a text should be');
  return { from: range[0], to: range[1], text };
}

/** A line of its own above a key, indented as that is. */
function linesBefore(text: string, key: unknown, line: string): Edit {
  const { from } = replacing(key, '');
  const indent = text.slice(text.lastIndexOf('\n', from - 1) + 1, from);
  return { from, to: from, text: `${line}\n${indent}` };
}

function applied(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((edited, { from, to, text: put }) => edited.slice(0, from) + put + edited.slice(to), text);
}
