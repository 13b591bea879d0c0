/** Parses a YAML file so that problems found later can be reported with their line. */

import { LineCounter, isCollection, isPair, isScalar, parseDocument, type Document, type Node } from 'yaml';
import { exactInteger } from '../kit/json/exact-json.ts';
import { formatPath, type JsonPath, type PathProblem } from '../kit/json-path.ts';
import { decodeText } from '../kit/text/decode-text.ts';
import { misreadings } from './yaml-meaning.ts';

export interface YamlSource {
  value: unknown;
  /** Returns problems as `programs.yaml:12: programs.loyalty.card: <problem>`, sorted by line. */
  report(problems: readonly PathProblem[]): string[];
}

type ParsedYaml = { ok: true; source: YamlSource } | { ok: false; problems: string[] };

/** Decodes the bytes of a file, too. `name`: the file's name in problems. */
export function readYamlFile(bytes: Buffer, name: string): ParsedYaml {
  const decoded = decodeText(bytes);
  if (!decoded.ok) return { ok: false, problems: [`${name}:${decoded.line}: ${decoded.problem}`] };
  return readYaml(decoded.text, name);
}

/** `name`: the file's name in problems. */
export function readYaml(text: string, name: string): ParsedYaml {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, intAsBigInt: true, merge: true, logLevel: 'error' });
  const line = (offset: number) => lineCounter.linePos(offset).line;
  // The parser guesses on after a warning, so the value is not what was meant.
  const faults = [...document.errors, ...document.warnings];
  const duplicates = faults.filter(({ code }) => code === 'DUPLICATE_KEY');
  // Other errors cause follow-up errors, so only the first one is reported.
  const first = faults.find(({ code }) => code !== 'DUPLICATE_KEY');
  const errors = first === undefined ? duplicates : [first];
  if (errors.length > 0) {
    const problems = errors.map(
      ({ code, message, pos: [offset] }) =>
        `${name}:${line(offset)}: ${explain(code, message, text, offset)}`,
    );
    return { ok: false, problems };
  }
  const misread = misreadings(document, text).map(
    ({ path, offset, problem }) => `${name}:${line(offset)}: ${describeAt(path, problem)}`,
  );
  if (misread.length > 0) return { ok: false, problems: misread };
  const value = plainValue(document);
  if (value === undefined) return { ok: false, problems: [`${name}: ${TOO_MANY_ALIASES}`] };
  const report = (problems: readonly PathProblem[]) =>
    problems
      .map(({ path, problem }) => ({
        at: line(offsetOf(document, path)),
        text: describeAt(path, problem),
      }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, text: problem }) => `${name}:${at}: ${problem}`);
  return { ok: true, source: { value: value.js, report } };
}

function describeAt(path: JsonPath, problem: string): string {
  return [formatPath(path), problem].filter((part) => part !== '').join(': ');
}

const TOO_MANY_ALIASES =
  'its aliases (*name) repeat its content more than a hundredfold. Write the values out, or use fewer aliases.';

/** Returns the value of a document; undefined if its aliases would fill the memory. */
function plainValue(document: Document): { js: unknown } | undefined {
  try {
    return { js: document.toJS({ reviver: asExactInteger }) };
  } catch (error) {
    // The parser throws nothing else once every alias is known to have an anchor.
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

/** Keeps the digits of a whole number that JavaScript would round, e.g. of a card number, as text. */
function asExactInteger(_key: unknown, value: unknown): unknown {
  return typeof value === 'bigint' ? exactInteger(String(value)) : value;
}

const INDENTATION_ERRORS = new Set(['BAD_INDENT', 'MULTILINE_IMPLICIT_KEY', 'BAD_COLLECTION_TYPE']);

function explain(code: string, message: string, text: string, offset: number): string {
  if (code === 'DUPLICATE_KEY') return `duplicate key ${/[^\s:]*/.exec(text.slice(offset))?.[0] ?? ''}`;
  const reason = message.split(/ at line \d/)[0] ?? message;
  return `not valid YAML: ${reason}${remedyFor(code, text, offset)}`;
}

/** A text in quotes, or the start of a value that starts like Jinja. */
const QUOTED_OR_JINJA = /"[^"]*"|[:\-,[]\s*\{[{%]/g;

/** Returns the first template of a line that is not in quotes. */
function bareJinja(line: string): string | undefined {
  for (const { 0: token, index } of line.matchAll(QUOTED_OR_JINJA)) {
    if (token.startsWith('"')) continue;
    const start = index + token.length;
    const end = line.slice(start).search(/[%}]\}/);
    return end === -1 ? undefined : line.slice(start - 2, start + end + 2);
  }
  return undefined;
}

function remedyFor(code: string, text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  const jinja = bareJinja(line);
  if (jinja !== undefined) return ` (put a value with ${jinja} in quotes)`;
  if (code === 'TAB_AS_INDENT') return ' (indent with blanks)';
  if (code === 'TAG_RESOLVE_FAILED') return ' (remove the tag, or put a text that starts with ! in quotes)';
  return INDENTATION_ERRORS.has(code) ? ' (indent pasted JSON further than the key above it)' : '';
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
