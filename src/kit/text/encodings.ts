/** The encodings of text files, and a guess at the encoding of bytes that are not UTF-8. */

import iconv from 'iconv-lite';

/** The default first. `utf-16` is of either byte order, with a byte order mark or without. */
export const encodings = ['utf-8', 'windows-1250', 'iso-8859-2', 'windows-1252', 'utf-16'] as const;

export type Encoding = (typeof encodings)[number];

/** Letters by how often names have them, in the encodings of one byte per character. Ties go to the first one. */
const CENTRAL = { frequent: 'áčďéěíňóřšťúůýžľąćęłńśźżőű', known: 'äĺôŕëöüßâîăşţç' };
const WESTERN = { frequent: 'éèàçêñöüäß', known: 'áíóúâîôûëïæøåãõœ' };
const singleByte = [
  { encoding: 'windows-1250', letters: CENTRAL },
  { encoding: 'iso-8859-2', letters: CENTRAL },
  { encoding: 'windows-1252', letters: WESTERN },
] as const;

const PUNCTUATION = '„“”‚‘’–—…€°§ ';

/** Bytes that decide a guess. */
const GUESSED_BYTES = 64 * 1024;

/** Returns the likeliest encoding of bytes that are not UTF-8; undefined if they are not text. */
export function guessEncoding(bytes: Buffer): Exclude<Encoding, 'utf-8'> | undefined {
  const start = bytes.subarray(0, GUESSED_BYTES);
  if (hasUtf16Mark(start)) return 'utf-16';
  if (start.includes(0)) return isUnmarkedUtf16(start) ? 'utf-16' : undefined;
  const scored = singleByte.map(({ encoding, letters }) => ({
    encoding,
    score: scoreOf(iconv.decode(start, encoding), letters),
  }));
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).encoding;
}

export function hasUtf16Mark([first, second]: Buffer): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** Latin text in UTF-16 has a zero in most pairs of bytes, always in the same place. */
function isUnmarkedUtf16(bytes: Buffer): boolean {
  let even = 0;
  let odd = 0;
  for (const [index, byte] of bytes.entries()) {
    if (byte === 0 && index % 2 === 0) even += 1;
    else if (byte === 0) odd += 1;
  }
  const pairs = bytes.length / 2;
  return Math.max(even, odd) > pairs / 2 && Math.min(even, odd) < pairs / 50;
}

function scoreOf(text: string, { frequent, known }: typeof CENTRAL): number {
  let score = 0;
  for (const character of text.toLowerCase()) {
    if (character <= '\u007F') continue;
    if (frequent.includes(character)) score += 3;
    else if (known.includes(character)) score += 2;
    else if (!PUNCTUATION.includes(character)) score -= 3;
  }
  return score;
}

/** Returns up to `count` different cells or words as they would look, those with letters beyond ASCII first. */
export function namesIn(bytes: Buffer, encoding: Encoding, count = 3): string[] {
  const text = iconv.decode(bytes.subarray(0, GUESSED_BYTES), encoding);
  const cells = text.split(/[,;:\t\r\n"'|{}[\]]+/).map((cell) => cell.trim());
  const names = new Set(cells.filter((cell) => /\p{L}/u.test(cell) && cell.length <= 40));
  return [...names].toSorted((a, b) => Number(isBeyondAscii(b)) - Number(isBeyondAscii(a))).slice(0, count);
}

function isBeyondAscii(text: string): boolean {
  return /[^\p{ASCII}]/u.test(text);
}

/** Returns the likeliest encoding of the bytes with names in it, to follow the statement that they are not UTF-8. */
export function describeGuess(bytes: Buffer): string {
  const encoding = guessEncoding(bytes);
  if (encoding === undefined) return '';
  return `It is probably ${encoding}: ${namesIn(bytes, encoding).join(', ')}.`;
}

/** Decodes chunks of bytes to UTF-8, without a byte order mark, in constant memory. */
export async function* transcode(
  chunks: AsyncIterable<Buffer>,
  encoding: Exclude<Encoding, 'utf-8'>,
): AsyncGenerator<Buffer> {
  const decoder = iconv.getDecoder(encoding);
  for await (const chunk of chunks) {
    const text = decoder.write(chunk);
    if (text !== '') yield Buffer.from(text);
  }
  const rest = decoder.end() ?? '';
  if (rest !== '') yield Buffer.from(rest);
}
