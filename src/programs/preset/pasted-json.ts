/** A body that was pasted, as a JSON value of which every part still knows its line. */

import { parseDocument } from 'yaml';
import type { Json } from '../../domain/jobs/program.ts';
import type { BodyPath } from '../template/body.ts';
import { offsetOf } from '../../config/yaml-source.ts';
import { mendJson, type Spot } from './mend-json.ts';
import type { Remark } from './remark.ts';
import { columnAt, lineAt } from './text-location.ts';

/** A JSON value from a pasted file. */
export interface Pasted {
  value: Json;
  /** Where the member or item at the path stands, or the nearest place above it. */
  lineOf(path: BodyPath): number;
}

export interface PastedJson {
  /** Absent where there are problems. */
  pasted: Pasted | undefined;
  problems: readonly Remark[];
  remarks: readonly Remark[];
  /** The first character after it in the source. */
  end: number;
}

/** Reads the JSON that begins at the place. */
export function readPastedJson(source: string, start: number): PastedJson {
  const mended = mendJson(source, start);
  const remarkOf = ({ at, text }: Spot): Remark => ({ line: lineAt(source, at), text });
  const faultOf = ({ at, text }: Spot): Remark => ({
    line: lineAt(source, at),
    text: `column ${columnAt(source, at)}: ${text}`,
  });
  const remarks = mended.doubts.map(remarkOf);
  const refuse = (faults: readonly Spot[]): PastedJson => ({
    pasted: undefined,
    problems: faults.map(faultOf),
    remarks,
    end: mended.end,
  });
  if (mended.faults.length > 0) return refuse(mended.faults);

  // JSON is YAML, and this parser says where everything stands.
  const document = parseDocument(mended.json, { schema: 'json' });
  const [error] = document.errors;
  if (error !== undefined) {
    const [at] = error.pos;
    const text = error.code === 'DUPLICATE_KEY' ? twice(mended.json, at) : explain(error.message);
    return refuse([{ at: mended.origin(at), text }]);
  }
  const lineOf = (path: BodyPath) => lineAt(source, mended.origin(offsetOf(document, path)));
  return { pasted: { value: document.toJS() as Json, lineOf }, problems: [], remarks, end: mended.end };
}

function explain(message: string): string {
  if (message.startsWith('Unresolved plain scalar')) return 'a value or a comma is missing here';
  if (message.startsWith('Unexpected ,')) return 'one comma too many';
  return message.split(/ at line \d/)[0] ?? message;
}

function twice(json: string, at: number): string {
  return `${/^"(?:\\.|[^"\\])*"/.exec(json.slice(at))?.[0] ?? 'a name'} is there twice: keep one`;
}
