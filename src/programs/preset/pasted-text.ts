/** The pasted text: decoding its bytes, finding lines in it, and notes about its lines. */

import { decodeText } from '../../kit/text/decode-text.ts';
import { hasUtf16Mark } from '../../kit/text/encodings.ts';

/** Bytes: far more than any preset has, so larger input need not be read to its end. */
export const MAX_BYTES = 65_536;

type DecodedText = { ok: true; text: string } | { ok: false; problem: string };

/** Decodes text; see {@link decodeText}. Line ends become `\n`; a byte order mark is dropped. */
export function decodePastedText(bytes: Uint8Array): DecodedText {
  if (bytes.length > MAX_BYTES) {
    return refuse('is larger than 64 KB; a preset has a few KB. Paste only the preset');
  }
  // Documents of word processors and archives contain NUL; text does not, except UTF-16.
  if (bytes.includes(0) && !hasUtf16Mark(Buffer.from(bytes)))
    return refuse('is not a text file. Paste the preset into a plain text file');
  const decoded = decodeText(Buffer.from(bytes));
  if (!decoded.ok) return refuse(`cannot be decoded. Line ${decoded.line}: ${decoded.problem}`);
  const { text } = decoded;
  if (text.trim() === '') return refuse('is empty. Paste the preset, or only its JSON, into it');
  return { ok: true, text: text.replace(/\r\n?/g, '\n') };
}

function refuse(problem: string): DecodedText {
  return { ok: false, problem };
}

/** Returns the line of an offset, counted from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Returns the column of an offset, counted from 1. */
export function columnAt(text: string, offset: number): number {
  return offset === 0 ? 1 : offset - text.lastIndexOf('\n', offset - 1);
}

/** Returns e.g. `line 3, column 7`. */
export function locationAt(text: string, offset: number): string {
  return `line ${lineAt(text, offset)}, column ${columnAt(text, offset)}`;
}

/** A note about a line: what was omitted or changed, or what is wrong. */
export interface LineNote {
  /** Counted from 1. */
  line: number;
  text: string;
}

/** Formats notes as `line 4: header X-Timestamp: …`, in the order of the lines, without duplicates. */
export function formatNotes(notes: readonly LineNote[]): string[] {
  const lines = notes.toSorted((a, b) => a.line - b.line).map(({ line, text }) => `line ${line}: ${text}`);
  return [...new Set(lines)];
}
