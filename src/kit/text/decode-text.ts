/** Decodes small text files that people write: programs, operators, `.env`. One check and one message for all. */

import { isUtf8 } from 'node:buffer';
import { describeGuess, guessEncoding, hasUtf16Mark } from './encodings.ts';

export type DecodedText =
  | { ok: true; text: string }
  /** `line` is counted from 1. The problem reads on from the location. */
  | { ok: false; line: number; problem: string };

const LINE_FEED = 0x0a;

const SAVE_AS_UTF8 = 'Save the file as UTF-8';

/**
 * Decodes UTF-8, or UTF-16 with a byte order mark, as Windows programs write; the mark is dropped. Text in another
 * encoding, or with letters lost earlier, is refused: it would put a wrong name on every card.
 */
export function decodeText(bytes: Buffer): DecodedText {
  if (hasUtf16Mark(bytes)) {
    const text = new TextDecoder(bytes[0] === 0xfe ? 'utf-16be' : 'utf-16le').decode(bytes);
    return refuseLostLetters(text);
  }
  if (bytes.includes(0))
    return { ok: false, line: lineOf(bytes, bytes.indexOf(0)), problem: nulProblem(bytes) };
  if (!isUtf8(bytes)) {
    const at = firstInvalid(bytes);
    return {
      ok: false,
      line: lineOf(bytes, at),
      problem: [notUtf8(bytes, at), describeGuess(lineAt(bytes, at)), `${SAVE_AS_UTF8}.`]
        .filter(Boolean)
        .join(' '),
    };
  }
  return refuseLostLetters(bytes.toString().replace(/^\uFEFF/, ''));
}

/** Returns e.g. `the byte 0xe1 is not UTF-8.` `at`: its offset. */
export function notUtf8(bytes: Buffer, at: number): string {
  return `the byte 0x${bytes.toString('hex', at, at + 1)} is not UTF-8.`;
}

/** Returns the bytes from the start of the line of an offset: enough for a guess at their encoding. */
export function lineAt(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(bytes.subarray(0, at).lastIndexOf(LINE_FEED) + 1);
}

function nulProblem(bytes: Buffer): string {
  return guessEncoding(bytes) === 'utf-16'
    ? `it is UTF-16 without a byte order mark, not UTF-8. ${SAVE_AS_UTF8}.`
    : 'it contains a NUL byte, so it is not a text file. Check that this is the right file.';
}

/** U+FFFD is what a program writes for a letter that it could not read. */
export const LOST_LETTER = '\uFFFD';

function refuseLostLetters(text: string): DecodedText {
  const at = text.indexOf(LOST_LETTER);
  if (at === -1) return { ok: true, text };
  const line = text.slice(0, at).split('\n').length;
  const problem = `it contains ${LOST_LETTER} (U+FFFD): a program has lost a letter there. Write the letter again.`;
  return { ok: false, line, problem };
}

/** Returns the offset of the first invalid character, or the length of the bytes. */
export function firstInvalid(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const size = [1, 2, 3, 4].find((length) => isUtf8(bytes.subarray(start, start + length)));
    if (size === undefined) return at;
    at += size;
  }
  return at;
}

function lineOf(bytes: Buffer, offset: number): number {
  return bytes.subarray(0, offset).filter((byte) => byte === LINE_FEED).length + 1;
}
