/**
 * Classifies the body of an export while it streams through, in constant memory. A 200 may be a file, an empty
 * segment, a refusal or a truncated file: HTTP can end normally in the middle of an export.
 */

import { readExportAnswer } from './answers.ts';

/** `native_json` keeps types and shows whether it is complete; CSV does neither. */
export type ExportFormat = 'csv' | 'native_json';

export type ExportContent =
  | { kind: 'rows' }
  /** No customers: a header only, or `data: []`. */
  | { kind: 'empty' }
  /** `{"success":false,…}`. */
  | { kind: 'refusal'; text: string }
  | { kind: 'truncated' }
  /** An error page of a proxy, or other JSON. `start`: its first characters. */
  | { kind: 'foreign'; start: string };

export interface ContentClassifier {
  /** Adds the next chunk, of any size. */
  add(chunk: Buffer): void;
  /** Returns the class of the complete body. */
  result(): ExportContent;
}

/** A refusal, or a header without rows, is shorter than this. */
const HEAD_BYTES = 64 * 1024;

/** Characters of a foreign answer that an error message shows. */
const START_LENGTH = 60;

export function makeContentClassifier(format: ExportFormat): ContentClassifier {
  const end = format === 'csv' ? makeCsvEndDetector() : makeJsonEndDetector();
  let head: Buffer = Buffer.alloc(0);
  let size = 0;
  return {
    add(chunk) {
      end.add(chunk);
      if (size < HEAD_BYTES) head = Buffer.concat([head, chunk]);
      size += chunk.length;
    },
    result() {
      const text = head.toString().replace(/^\uFEFF/, '');
      const isComplete = size <= HEAD_BYTES;
      if (isComplete && readExportAnswer(text)?.success === false) return { kind: 'refusal', text };
      if (text.trim() === '') return { kind: 'truncated' };
      if (!startPattern[format].test(text)) {
        return { kind: 'foreign', start: text.trim().slice(0, START_LENGTH) };
      }
      if (!end.reached()) return { kind: 'truncated' };
      return { kind: !isComplete || hasRows[format](text) ? 'rows' : 'empty' };
    },
  };
}

/** The start of an export. A CSV must not start like JSON, a page or gzip. */
const startPattern: Readonly<Record<ExportFormat, RegExp>> = {
  csv: /^\s*[^\s{<\p{Cc}]/u,
  native_json: /^\s*\{\s*("success"\s*:\s*true\s*,\s*)?("(fields|data)"|$)/,
};

const hasRows: Readonly<Record<ExportFormat, (text: string) => boolean>> = {
  // Outside quotes, every line break ends a row.
  csv: (text) =>
    text
      .replaceAll(/"[^"]*"/g, 'q')
      .split(/\r?\n/)
      .filter((line) => line !== '').length > 1,
  native_json: (text) => readExportAnswer(text)?.data?.length !== 0,
};

/** Detects whether a text may end where it does. */
interface EndDetector {
  add(chunk: Buffer): void;
  reached(): boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** A JSON document ends where its first bracket is closed. */
function makeJsonEndDetector(): EndDetector {
  let depth = 0;
  let started = false;
  let inString = false;
  let escaped = false;

  const addInString = (byte: number): void => {
    if (escaped) escaped = false;
    else if (byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) inString = false;
  };

  return {
    add(chunk) {
      for (const byte of chunk) {
        if (inString) addInString(byte);
        else if (byte === QUOTE) inString = true;
        else if (byte === OPENING_BRACKET || byte === OPENING_BRACE) {
          depth += 1;
          started = true;
        } else if (byte === CLOSING_BRACKET || byte === CLOSING_BRACE) depth -= 1;
      }
    },
    reached: () => started && depth === 0 && !inString,
  };
}

/** A CSV may end wherever no quote is open: a cut between two rows cannot be detected. */
function makeCsvEndDetector(): EndDetector {
  let open = false;
  return {
    add(chunk) {
      for (let at = chunk.indexOf(QUOTE); at !== -1; at = chunk.indexOf(QUOTE, at + 1)) open = !open;
    },
    reached: () => !open,
  };
}
