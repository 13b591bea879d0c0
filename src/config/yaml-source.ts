/** A YAML file read so that every later complaint can name the line. */

import { LineCounter, isCollection, isPair, isScalar, parseDocument, type Document, type Node } from 'yaml';
import { formatPath, type JsonPath, type PathProblem } from '../kit/json-path.ts';

export interface YamlSource {
  value: unknown;
  /** Problems as `programs.yaml:12: programs.loyalty.card: <problem>`, in the order of their lines. */
  report(problems: readonly PathProblem[]): string[];
}

/** Parses a text; `name` is what complaints call the file. */
export function readYaml(
  text: string,
  name: string,
): { ok: true; source: YamlSource } | { ok: false; problems: string[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const line = (offset: number) => lineCounter.linePos(offset).line;
  const twice = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  // Other errors drag a tail of consequences behind them: the first one is the one to mend.
  const first = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  const errors = first === undefined ? twice : [first];
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
        what: [formatPath(path), problem],
      }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, what }) => `${name}:${at}: ${what.filter((part) => part !== '').join(': ')}`);
  return { ok: true, source: { value: document.toJS(), report } };
}

const INDENTED_TOO_LITTLE = new Set(['BAD_INDENT', 'MULTILINE_IMPLICIT_KEY', 'BAD_COLLECTION_TYPE']);

function explain(code: string, message: string, text: string, offset: number): string {
  if (code === 'DUPLICATE_KEY') return `${/[^\s:]*/.exec(text.slice(offset))?.[0] ?? 'a key'} is there twice`;
  const what = message.split(/ at line \d/)[0] ?? message;
  const remedy = INDENTED_TOO_LITTLE.has(code) ? ' (indent pasted JSON further than the key above it)' : '';
  return `not valid YAML: ${what}${remedy}`;
}

/** Where the key at the path stands, or the nearest place above it that exists. */
export function offsetOf(document: Document, path: JsonPath): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (!isCollection(node)) break;
    const item: unknown = node.items.find((candidate, place) =>
      isPair(candidate)
        ? isScalar(candidate.key) && String(candidate.key.value) === String(step)
        : place === step,
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
