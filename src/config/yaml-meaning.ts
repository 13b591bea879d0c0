/**
 * Finds YAML that is valid but cannot be meant: values that the parser reads otherwise than they are written. A card
 * would show `7` for 007, and a map for a template without quotes.
 */

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';
import type { JsonPath } from '../kit/json-path.ts';

export interface Misreading {
  path: JsonPath;
  /** Of the value in the text. */
  offset: number;
  problem: string;
}

/** Texts to which YAML 1.1, which many editors and checks still read, gives another type. */
const OTHER_BOOLEAN = /^(?:yes|no|on|off)$/i;
const OTHER_NUMBER = /^[-+]?(?:\d+_[\d_]*(?:\.[\d_]*)?|0b[01_]+|0[0-7_]+|0x[\da-f_]+|\d+(?::[0-5]?\d)+)$/i;

/** Returns what cannot be meant, in the order of the text. */
export function misreadings(document: Document, text: string): Misreading[] {
  const found: Misreading[] = [];
  const add = (path: JsonPath, offset: number, problem: string) => found.push({ path, offset, problem });

  const checkScalar = (node: Scalar, path: JsonPath, isKey: boolean) => {
    const problem = scalarProblem(node, isKey);
    if (problem !== undefined) add(path, startOf(node), problem);
  };

  const checkPair = ({ key, value }: Pair, path: JsonPath, above: readonly unknown[]) => {
    if (isScalar(key) && (key.type !== 'PLAIN' || (key.value !== null && key.source !== ''))) {
      const at = [...path, nameOf(key)];
      checkScalar(key, at, true);
      check(value, at, above);
    } else {
      const start = startOf(key) ?? startOf(value);
      add(
        path,
        start,
        isCollection(key) ? keyProblem(key, text) : 'a name is missing before the colon. Write it.',
      );
    }
  };

  const check = (node: unknown, path: JsonPath, above: readonly unknown[]): void => {
    if (isTagged(node)) add(path, startOf(node), `the tag ${node.tag} is not supported. Remove it.`);
    else if (isAlias(node)) {
      const problem = aliasProblem(node.source, node.resolve(document), above);
      if (problem !== undefined) add(path, startOf(node), problem);
    } else if (isMap(node) && isBareTemplate(node)) {
      add(path, startOf(node), bareTemplate(sourceOf(node, text)));
    } else if (isMap(node)) {
      for (const pair of node.items) checkPair(pair, path, [...above, node]);
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        if (isPair(item)) checkPair(item, [...path, index], [...above, node]);
        else check(item, [...path, index], [...above, node]);
      }
    } else if (isScalar(node)) checkScalar(node, path, false);
  };

  check(document.contents, [], []);
  return found;
}

/** Types that the file may name: those that YAML gives the values anyway. */
const KNOWN_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

function isTagged(node: unknown): node is Node & { tag: string } {
  const { tag } = (node ?? {}) as { tag?: unknown };
  return typeof tag === 'string' && !KNOWN_TAGS.has(tag);
}

function scalarProblem({ type, source, value, comment }: Scalar, isKey: boolean): string | undefined {
  if (type !== 'PLAIN' || source === undefined) return undefined;
  // A comment usually has a blank after its #, unlike the rest of a text that was cut off there.
  if (comment !== undefined && comment !== null && /^[^\s#!]/.test(comment)) {
    return `everything from #${comment} on is a comment. Put the whole value in quotes: ${quoted(`${source} #${comment}`.trim())}. If it is a comment, write a blank after the #.`;
  }
  if (typeof value === 'number' || typeof value === 'bigint') return numberProblem(source, value);
  if (isKey) return undefined;
  if (OTHER_NUMBER.test(source)) {
    return `${source} without quotes is another number to many YAML readers. Write ${quoted(source)} if it is a text, or the number without these characters.`;
  }
  if (OTHER_BOOLEAN.test(source)) {
    const boolean = /^(?:yes|on)$/i.test(source);
    return `${source} without quotes is ${boolean} to many YAML readers. Write ${boolean}, or ${quoted(source)} if it is a text.`;
  }
  return undefined;
}

function numberProblem(source: string, value: number | bigint): string | undefined {
  const number = String(value);
  if (number === source) return undefined;
  if (!Number.isFinite(Number(value)))
    return `${source} is not a number that JSON has. Write ${quoted(source)} if it is a text.`;
  return `${source} without quotes is the number ${number}. Write ${quoted(source)} if it is a text, or ${number} if it is a number.`;
}

function aliasProblem(name: string, target: unknown, above: readonly unknown[]): string | undefined {
  if (target === undefined) {
    return `*${name} refers to an anchor &${name}, which is not set above it. Set it there, or put the value in quotes if it is a text that starts with *.`;
  }
  return above.includes(target) ? `*${name} contains itself. Write the value out.` : undefined;
}

/** `{{ customer.name }}` without quotes is a map whose only name is a map. */
function isBareTemplate(node: { flow?: boolean; items: readonly Pair[] }): boolean {
  const [first] = node.items;
  return node.flow === true && first !== undefined && isMap(first.key) && first.key.flow === true;
}

function keyProblem(key: Node, text: string): string {
  const source = sourceOf(key, text);
  return isMap(key) && isBareTemplate(key)
    ? bareTemplate(source)
    : `${source} is a map or a list, which cannot be a name. Put it in quotes if it is a text.`;
}

function bareTemplate(source: string): string {
  return `${source} without quotes is a YAML map, not a template. Put it in quotes: ${quoted(source)}`;
}

function quoted(text: string): string {
  return text.includes('"') ? `'${text.replaceAll("'", "''")}'` : `"${text.replaceAll('\\', '\\\\')}"`;
}

function nameOf({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? String(value));
}

function startOf(node: unknown): number {
  return (node as Partial<Node> | null | undefined)?.range?.[0] ?? 0;
}

function sourceOf(node: Node, text: string): string {
  const [start = 0, end = 0] = node.range ?? [];
  return text.slice(start, end);
}
