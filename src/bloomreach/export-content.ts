/**
 * What an answer to an export is, judged while it streams by: a 200 may be a file, one without
 * anybody, a refusal, or something that ends in the middle.
 */

import { watchCsv, watchJson } from './export-end.ts';
import type { ExportFormat } from './export-request.ts';
import { readExportAnswer } from './wire.ts';

export type ExportContent =
  | { kind: 'rows' }
  /** Nobody: a header alone, or `data: []`. */
  | { kind: 'empty' }
  /** `{"success":false,…}`. */
  | { kind: 'refusal'; text: string }
  | { kind: 'cut' }
  /** A proxy's page, or JSON that is no export; with how it begins. */
  | { kind: 'foreign'; start: string };

export interface ContentJudge {
  /** The next piece, cut anywhere. */
  see(piece: Buffer): void;
  /** The verdict, once all of it was seen. */
  verdict(): ExportContent;
}

/** A refusal, or a header without rows, is shorter than this. */
const HEAD_BYTES = 64 * 1024;

/** Characters of a foreign answer that a message shows. */
const START_LENGTH = 60;

/** Needs memory for the head alone. */
export function makeContentJudge(format: ExportFormat): ContentJudge {
  const end = format === 'csv' ? watchCsv() : watchJson();
  let head: Buffer = Buffer.alloc(0);
  let size = 0;
  return {
    see(piece) {
      end.see(piece);
      if (size < HEAD_BYTES) head = Buffer.concat([head, piece]);
      size += piece.length;
    },
    verdict() {
      const text = head.toString().replace(/^\uFEFF/, '');
      const whole = size <= HEAD_BYTES;
      if (whole && readExportAnswer(text)?.success === false) return { kind: 'refusal', text };
      if (text.trim() === '') return { kind: 'cut' };
      if (!begins[format].test(text)) return { kind: 'foreign', start: text.trim().slice(0, START_LENGTH) };
      if (!end.reached()) return { kind: 'cut' };
      return { kind: !whole || hasRows[format](text) ? 'rows' : 'empty' };
    },
  };
}

/** How an export begins: not as JSON, a page or gzip in place of a CSV. */
const begins: Readonly<Record<ExportFormat, RegExp>> = {
  csv: /^\s*[^\s{<\p{Cc}]/u,
  native_json: /^\s*\{\s*("success"\s*:\s*true\s*,\s*)?("(fields|data)"|$)/,
};

const hasRows: Readonly<Record<ExportFormat, (text: string) => boolean>> = {
  // Without what is quoted, every line end is one of a row.
  csv: (text) =>
    text
      .replaceAll(/"[^"]*"/g, 'q')
      .split(/\r?\n/)
      .filter((line) => line !== '').length > 1,
  native_json: (text) => readExportAnswer(text)?.data?.length !== 0,
};
