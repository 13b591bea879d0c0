/** Parses pasted JSON into a value that knows the line of each of its parts. */

import { parseDocument } from 'yaml';
import { offsetOf } from '../../config/yaml-source.ts';
import type { Json } from '../../domain/jobs/program.ts';
import type { JsonPath } from '../../kit/json-path.ts';
import { columnAt, lineAt, type LineNote } from './pasted-text.ts';
import { repairJson, type Finding } from './repair-json.ts';

/** A JSON value from a pasted file. */
export interface Pasted {
  value: Json;
  /** Returns the line of the member or item at the path, or of the nearest ancestor that exists. */
  lineOf(path: JsonPath): number;
}

export interface PastedJson {
  /** Absent if there are problems. */
  pasted: Pasted | undefined;
  problems: readonly LineNote[];
  notes: readonly LineNote[];
  /** Offset in the source of the first character after it. */
  end: number;
}

/** Parses the JSON that starts at the offset. */
export function parsePastedJson(source: string, start: number): PastedJson {
  const repaired = repairJson(source, start);
  const toNote = ({ offset, text }: Finding): LineNote => ({ line: lineAt(source, offset), text });
  const toProblem = ({ offset, text }: Finding): LineNote => ({
    line: lineAt(source, offset),
    text: `column ${columnAt(source, offset)}: ${text}`,
  });
  const notes = repaired.doubts.map(toNote);
  const refuse = (faults: readonly Finding[]): PastedJson => ({
    pasted: undefined,
    problems: faults.map(toProblem),
    notes,
    end: repaired.end,
  });
  if (repaired.faults.length > 0) return refuse(repaired.faults);

  // JSON is YAML, and this parser knows the offset of every node.
  const document = parseDocument(repaired.json, { schema: 'json' });
  const [error] = document.errors;
  if (error !== undefined) {
    const [offset] = error.pos;
    const text =
      error.code === 'DUPLICATE_KEY' ? duplicateKey(repaired.json, offset) : explain(error.message);
    return refuse([{ offset: repaired.sourceOffset(offset), text }]);
  }
  const lineOf = (path: JsonPath) => lineAt(source, repaired.sourceOffset(offsetOf(document, path)));
  return { pasted: { value: document.toJS() as Json, lineOf }, problems: [], notes, end: repaired.end };
}

function explain(message: string): string {
  if (message.startsWith('Unresolved plain scalar')) return 'a value or a comma is missing here';
  if (message.startsWith('Unexpected ,')) return 'a comma is superfluous here';
  return message.split(/ at line \d/)[0] ?? message;
}

function duplicateKey(json: string, offset: number): string {
  return `${/^"(?:\\.|[^"\\])*"/.exec(json.slice(offset))?.[0] ?? 'a name'} appears twice: keep one`;
}
