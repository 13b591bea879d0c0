/** Parses a YAML file so that problems found later can be reported with their line. */

import { LineCounter, isCollection, isPair, isScalar, parseDocument, type Document, type Node } from 'yaml';
import { exactInteger } from '../kit/json/exact-json.ts';
import { formatPath, type JsonPath, type PathProblem } from '../kit/json-path.ts';

export interface YamlSource {
  value: unknown;
  /** Returns problems as `programs.yaml:12: programs.loyalty.card: <problem>`, sorted by line. */
  report(problems: readonly PathProblem[]): string[];
}

/** `name`: the file's name in problems. */
export function readYaml(
  text: string,
  name: string,
): { ok: true; source: YamlSource } | { ok: false; problems: string[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, intAsBigInt: true });
  const line = (offset: number) => lineCounter.linePos(offset).line;
  const duplicates = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  // Other errors cause follow-up errors, so only the first one is reported.
  const first = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  const errors = first === undefined ? duplicates : [first];
  if (errors.length > 0) {
    const problems = errors.map(
      ({ code, message, pos: [offset] }) =>
        `${name}:${line(offset)}: ${explain(code, message, text, offset)}`,
    );
    return { ok: false, problems };
  }
  const report = (problems: readonly PathProblem[]) =>
    problems
      .map(({ path, problem }) => ({
        at: line(offsetOf(document, path)),
        text: [formatPath(path), problem].filter((part) => part !== '').join(': '),
      }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, text: problem }) => `${name}:${at}: ${problem}`);
  return { ok: true, source: { value: document.toJS({ reviver: asExactInteger }), report } };
}

/** Keeps the digits of a whole number that JavaScript would round, e.g. of a card number, as text. */
function asExactInteger(_key: unknown, value: unknown): unknown {
  return typeof value === 'bigint' ? exactInteger(String(value)) : value;
}

const INDENTATION_ERRORS = new Set(['BAD_INDENT', 'MULTILINE_IMPLICIT_KEY', 'BAD_COLLECTION_TYPE']);

function explain(code: string, message: string, text: string, offset: number): string {
  if (code === 'DUPLICATE_KEY') return `duplicate key ${/[^\s:]*/.exec(text.slice(offset))?.[0] ?? ''}`;
  const reason = message.split(/ at line \d/)[0] ?? message;
  const remedy = INDENTATION_ERRORS.has(code) ? ' (indent pasted JSON further than the key above it)' : '';
  return `not valid YAML: ${reason}${remedy}`;
}

/** Returns the offset of the key at the path, or of the nearest existing key above it. */
export function offsetOf(document: Document, path: JsonPath): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (!isCollection(node)) break;
    const item: unknown = node.items.find((candidate, index) =>
      isPair(candidate)
        ? isScalar(candidate.key) && String(candidate.key.value) === String(step)
        : index === step,
    );
    const start = startOf(isPair(item) ? item.key : item);
    if (start === undefined) break;
    offset = start;
    node = isPair(item) ? item.value : item;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<Node> | null | undefined)?.range?.[0];
}
