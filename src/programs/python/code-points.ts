/** Texts as Python counts them: by code points, where JavaScript counts UTF-16 units. */

const SURROGATE = /[\uD800-\uDFFF]/;

/** Returns the characters of a text; a string if each is one UTF-16 unit. */
export function charactersOf(text: string): string | string[] {
  return SURROGATE.test(text) ? Array.from(text) : text;
}

export function lengthOf(text: string): number {
  return charactersOf(text).length;
}

/** Returns the characters from `start` to `end`, which must be in range. */
export function sliceText(text: string, start: number, end: number): string {
  const characters = charactersOf(text);
  const slice = characters.slice(start, end);
  return typeof slice === 'string' ? slice : slice.join('');
}

/** Returns the index in code points of an index in UTF-16 units. */
export function pointIndex(text: string, unit: number): number {
  return unit <= 0 ? unit : lengthOf(text.slice(0, unit));
}

/** Compares by code points: negative, zero or positive. */
export function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  const shorter = Math.min(left.length, right.length);
  for (let at = 0; at < shorter; at += 1) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (a === b) continue;
    // A surrogate stands for a code point beyond all others.
    const [isWideA, isWideB] = [isSurrogate(a), isSurrogate(b)];
    return isWideA === isWideB ? a - b : isWideA ? 1 : -1;
  }
  return left.length - right.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Whether `str.isspace` is true for a character; `\s` of JavaScript is a different set. */
export function isSpace(character: string): boolean {
  // oxlint-disable-next-line eslint/no-control-regex -- Python's white space
  return /^[\t-\r\u001C-\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]$/.test(
    character,
  );
}

/** Removes characters from both ends, or one; white space if `isStripped` is omitted. In one pass. */
export function strip(
  text: string,
  side: 'both' | 'left' | 'right',
  isStripped: (character: string) => boolean = isSpace,
): string {
  const characters = charactersOf(text);
  let [start, end] = [0, characters.length];
  if (side !== 'right') while (start < end && isStripped(characters[start] ?? '')) start += 1;
  if (side !== 'left') while (end > start && isStripped(characters[end - 1] ?? '')) end -= 1;
  const rest = characters.slice(start, end);
  return typeof rest === 'string' ? rest : rest.join('');
}

/** Splits at Python's line ends, which are more than `\n`; keeps them if told to. */
export function splitLines(text: string, keepEnds = false): string[] {
  const lines: string[] = [];
  // oxlint-disable-next-line eslint/no-control-regex -- Python's line ends
  const end = /\r\n|[\n-\r\u001C-\u001E\u0085\u2028\u2029]/g;
  let start = 0;
  for (let found = end.exec(text); found !== null; found = end.exec(text)) {
    lines.push(text.slice(start, keepEnds ? end.lastIndex : found.index));
    start = end.lastIndex;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}
