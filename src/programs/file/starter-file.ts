/** Makes a new user's programs file out of an example: sets the card type, the template id and the schema's path. */

import { isMap, isPair, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';
import type { CardType } from '../../domain/jobs/program.ts';

interface StarterOptions {
  card: CardType;
  /** Passmachine's id of the card template. */
  templateId: string;
  /** Path of the JSON Schema, relative to the new file. */
  schema: string;
}

interface Edit {
  from: number;
  to: number;
  text: string;
}

/**
 * Returns the text of an example with the card type and the template id of its first program and the
 * path of the schema set. All other characters stay: a YAML serializer would keep the comments but
 * lose the layout of the pasted bodies. Throws if the text is not a programs file.
 */
export function fillStarter(example: string, { card, templateId, schema }: StarterOptions): string {
  const text = example.replace(
    /^(# yaml-language-server: \$schema=).*$/m,
    (_, modeline: string) => modeline + schema,
  );
  const program = firstProgram(text);
  const create = pairOf(program, 'create')?.value;
  const id = JSON.stringify(templateId);
  const ids = [pairOf(program, 'templateId'), isMap(create) ? pairOf(create, 'templateId') : undefined];
  const edits = ids.filter((pair) => pair !== undefined).map((pair) => replaceNode(pair.value, id));
  const cardPair = pairOf(program, 'card');
  if (cardPair === undefined) throw new Error('the example has no card');
  if (edits.length === 0) edits.push(insertLineAbove(text, cardPair.key, `templateId: ${id}`));
  return applyEdits(text, [...edits, replaceNode(cardPair.value, card)]);
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

function replaceNode(node: unknown, text: string): Edit {
  const range = isScalar(node) ? node.range : undefined;
  if (range === null || range === undefined) throw new Error('the example has a list instead of a text');
  return { from: range[0], to: range[1], text };
}

/** Inserts a line above a key, with the key's indentation. */
function insertLineAbove(text: string, key: unknown, line: string): Edit {
  const { from } = replaceNode(key, '');
  const indent = text.slice(text.lastIndexOf('\n', from - 1) + 1, from);
  return { from, to: from, text: `${line}\n${indent}` };
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.from - a.from)
    .reduce(
      (edited, { from, to, text: inserted }) => edited.slice(0, from) + inserted + edited.slice(to),
      text,
    );
}
