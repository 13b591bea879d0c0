/**
 * Inserts sections of a program into the text of a programs file. The existing text stays byte for byte,
 * comments included. If its style does not allow that (flow style), the file is serialized again, with its comments.
 */

import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isPair, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';
import type { Json } from '../../domain/jobs/program.ts';

/** A program as the file would have it, not yet checked. */
export type ProgramSketch = Readonly<Record<string, Json>>;

const HEADER = '# Card programs. All options: examples/programs.yaml of passbridge.\n';

/** Keeps long texts on one line, and texts of several lines readable. */
const STYLE = { lineWidth: 0, singleQuote: false, blockQuote: 'literal' } as const;

/** Returns the text of a programs file with only these sections. */
export function newProgramsText(name: string, sections: ProgramSketch): string {
  return HEADER + yamlOf({ programs: { [name]: sections } });
}

/** Inserts the sections into the program of that name, or replaces them. `text` must be valid YAML. */
export function insertSections(text: string, name: string, sections: ProgramSketch): string {
  const document = parseDocument(text);
  // A key without a value becomes a map.
  for (const path of [['programs'], ['programs', name]]) {
    if (!isMap(document.getIn(path))) document.setIn(path, document.createNode({}));
  }
  for (const [section, value] of Object.entries(sections)) {
    document.setIn(['programs', name, section], document.createNode(value, { aliasDuplicateObjects: false }));
  }
  const spliced = splice(text, name, sections);
  if (spliced !== undefined && isDeepStrictEqual(valueOf(spliced), document.toJS())) return spliced;
  return document.toString(STYLE);
}

/** Returns undefined for a file in flow style, which has no lines to insert between. */
function splice(text: string, name: string, sections: ProgramSketch): string | undefined {
  const file = parseDocument(text).contents;
  const programs = isMap(file) ? pairOf(file, 'programs')?.value : undefined;
  if (!isBlock(programs)) return undefined;
  const program = pairOf(programs, name)?.value;
  if (program === undefined) return insert(text, programs, yamlOf({ [name]: sections }), '\n');
  if (!isBlock(program)) return undefined;

  const replaced = Object.entries(sections).filter(([section]) => pairOf(program, section) !== undefined);
  const added = Object.entries(sections).filter(([section]) => pairOf(program, section) === undefined);
  let edited = added.length === 0 ? text : insert(text, program, yamlOf(Object.fromEntries(added)), '');
  // From the end, so that earlier offsets stay valid.
  const pairs = replaced.flatMap(([section, value]) => ({ section, value, pair: pairOf(program, section) }));
  for (const { section, value, pair } of pairs.toSorted((a, b) => startOf(b.pair) - startOf(a.pair))) {
    const replacement = indented(yamlOf({ [section]: value }), indentOf(text, program)).trim();
    edited = edited.slice(0, startOf(pair)) + replacement + edited.slice(endOf(pair));
  }
  return edited;
}

/** Inserts lines after the last member of a map in block style. */
function insert(text: string, map: YAMLMap, lines: string, gap: string): string {
  const end = endOf(map.items.at(-1));
  const lineEnd = text[end - 1] === '\n' ? end : text.indexOf('\n', end) + 1 || text.length;
  const before = text.slice(0, lineEnd);
  return `${before}${before.endsWith('\n') ? '' : '\n'}${gap}${indented(lines, indentOf(text, map))}${text.slice(lineEnd)}`;
}

function isBlock(node: unknown): node is YAMLMap {
  return isMap(node) && node.flow !== true && node.items.length > 0;
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name);
}

function indentOf(text: string, map: YAMLMap): string {
  const start = startOf(map.items[0]);
  return ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
}

function startOf(node: unknown): number {
  if (isPair(node)) return startOf(node.key);
  return rangeOf(node)[0];
}

/** Returns the offset after the node's last character, without the comments and empty lines that follow. */
function endOf(node: unknown): number {
  if (isPair(node)) return endOf(node.value ?? node.key);
  const collection = node as { items?: unknown[]; flow?: boolean } | null | undefined;
  const last = collection?.flow === true ? undefined : collection?.items?.at(-1);
  return last === undefined ? rangeOf(node)[1] : endOf(last);
}

function rangeOf(node: unknown): readonly [number, number] {
  const range = (node as { range?: [number, number, number] | null } | null | undefined)?.range;
  return range ? [range[0], range[1]] : [0, 0];
}

function indented(lines: string, indent: string): string {
  return lines.replaceAll(/^(?=.)/gm, indent);
}

function yamlOf(value: Readonly<Record<string, Json | ProgramSketch>>): string {
  return new Document(value, { aliasDuplicateObjects: false }).toString(STYLE);
}

function valueOf(text: string): unknown {
  const document = parseDocument(text);
  return document.errors.length > 0 ? undefined : document.toJS();
}
