/** The pasted text: decoding its bytes, finding lines in it, and notes about its lines. */

/** Bytes: far more than any preset has, so larger input need not be read to its end. */
export const MAX_BYTES = 65_536;

type DecodedText = { ok: true; text: string } | { ok: false; problem: string };

/** Decodes UTF-8. Line ends become `\n`; a byte order mark is dropped. */
export function decodePastedText(bytes: Uint8Array): DecodedText {
  if (bytes.length > MAX_BYTES) {
    return refuse('is larger than 64 KB; a preset has a few KB. Paste only the preset');
  }
  // Documents of word processors and archives contain NUL; text does not.
  if (bytes.includes(0)) return refuse('is not a text file. Paste the preset into a plain text file');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('is not UTF-8 text. Save it as UTF-8, e.g. with iconv');
  }
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
