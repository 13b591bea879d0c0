/** Recognizes UTF-8 text that was decoded as windows-1252 or windows-1250, and undoes it. */

import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';

/**
 * The first byte of a UTF-8 letter of Europe as a letter, and its second byte as a sign. Two letters in a row are no
 * proof, since words such as `PĂŞUNE` have them, unless no language has the two together.
 */
const SUSPICIOUS = /[ÂÃÄÅĂĹâ][^\p{Lu}\p{Ll}\p{ASCII}]|Ă[ĽľĄąŁłŻżŹźŤťŚś]/u;

const encodings = ['windows-1252', 'windows-1250'] as const;

/** Returns the text as it was probably meant; undefined if it is fine. */
export function misdecoded(text: string): string | undefined {
  if (!SUSPICIOUS.test(text)) return undefined;
  for (const encoding of encodings) {
    const bytes = bytesOf(text, encoding);
    if (bytes !== undefined && isUtf8(bytes)) return bytes.toString();
  }
  return undefined;
}

/** Bytes that the encodings leave undefined: programs read them as control characters, and back. */
const UNDEFINED_BYTE = /[\u0080-\u009F]/g;

/** Returns undefined for text with a letter that the encoding lacks. */
function bytesOf(text: string, encoding: string): Buffer | undefined {
  const printable = text.replaceAll(UNDEFINED_BYTE, ' ');
  const bytes = iconv.encode(printable, encoding);
  if (iconv.decode(bytes, encoding) !== printable) return undefined;
  for (const { index } of text.matchAll(UNDEFINED_BYTE)) bytes[index] = text.charCodeAt(index);
  return bytes;
}
