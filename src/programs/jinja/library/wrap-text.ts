/** Python's `textwrap.wrap`, without tabs and white space replaced, as `wordwrap` calls it. */

import { failed } from '../../python/py-error.ts';

interface WrapOptions {
  /** Characters of a line. */
  width: number;
  breaksWords: boolean;
  breaksHyphens: boolean;
}

const isBlank = (character: string | undefined) => character !== undefined && /^[\t-\r ]$/.test(character);
const isLetter = (character: string | undefined) =>
  character !== undefined && /^[\p{L}\p{M}\p{Nl}\p{No}_]$/u.test(character) && character !== '_';
const isWord = (character: string | undefined) =>
  character !== undefined && /^[\p{L}\p{N}_]$/u.test(character);
const isWordMark = (character: string | undefined) =>
  isWord(character) || (character !== undefined && '!"\'&.,?'.includes(character));

/** Returns the lines of a text without line ends. */
export function wrapText(text: string, options: WrapOptions): string[] {
  const { width } = options;
  if (width <= 0) throw failed('wordwrap needs a width of at least 1');
  const chunks = chunksOf(Array.from(text), options.breaksHyphens).toReversed();
  const lines: string[] = [];
  while (chunks.length > 0) {
    if (lines.length > 0 && isAllBlank(chunks.at(-1))) chunks.pop();
    const line: string[][] = [];
    let length = 0;
    for (
      let next = chunks.at(-1);
      next !== undefined && length + next.length <= width;
      next = chunks.at(-1)
    ) {
      line.push(next);
      length += next.length;
      chunks.pop();
    }
    const tooLong = chunks.at(-1);
    if (tooLong !== undefined && tooLong.length > width)
      breakWord(chunks, tooLong, line, width - length, options);
    if (isAllBlank(line.at(-1))) line.pop();
    if (line.length > 0) lines.push(line.flat().join(''));
  }
  return lines;
}

function isAllBlank(chunk: readonly string[] | undefined): boolean {
  return chunk !== undefined && chunk.join('').trim() === '';
}

/** Puts the beginning of a word that is longer than a line into this line, or all of it into an empty one. */
function breakWord(
  chunks: string[][],
  word: readonly string[],
  line: string[][],
  room: number,
  { breaksWords, breaksHyphens }: WrapOptions,
): void {
  if (!breaksWords) {
    if (line.length === 0) line.push([...(chunks.pop() ?? [])]);
    return;
  }
  let end = room;
  if (breaksHyphens && word.length > room) {
    const hyphen = word.slice(0, room).lastIndexOf('-');
    if (hyphen > 0 && word.slice(0, hyphen).some((character) => character !== '-')) end = hyphen + 1;
  }
  line.push(word.slice(0, end));
  chunks[chunks.length - 1] = word.slice(end);
}

/** Splits a text into words and the white space between them; also after hyphens if told to. */
function chunksOf(text: readonly string[], breaksHyphens: boolean): string[][] {
  const dashes = dashRuns(text);
  const chunks: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const end = isBlank(text[at])
      ? endOfBlanks(text, at)
      : breaksHyphens
        ? endOfPart(text, at, dashes)
        : endOfWord(text, at);
    chunks.push(text.slice(at, end));
    at = end;
  }
  return chunks;
}

function endOfBlanks(text: readonly string[], from: number): number {
  let end = from;
  while (isBlank(text[end])) end += 1;
  return end;
}

function endOfWord(text: readonly string[], from: number): number {
  let end = from;
  while (end < text.length && !isBlank(text[end])) end += 1;
  return end;
}

/** Returns for each character how many dashes follow in a row from it on. */
function dashRuns(text: readonly string[]): number[] {
  const runs = Array.from({ length: text.length + 1 }, () => 0);
  for (let at = text.length - 1; at >= 0; at -= 1) if (text[at] === '-') runs[at] = (runs[at + 1] ?? 0) + 1;
  return runs;
}

function isDash(text: readonly string[], at: number, dashes: readonly number[]): boolean {
  const run = dashes[at] ?? 0;
  return run >= 2 && at > 0 && isWordMark(text[at - 1]) && isWord(text[at + run]);
}

function endOfPart(text: readonly string[], from: number, dashes: readonly number[]): number {
  if (isDash(text, from, dashes)) return from + (dashes[from] ?? 0);
  for (let at = from + 1; at < text.length; at += 1) {
    if (isBlank(text[at]) || isDash(text, at, dashes)) return at;
    if (text[at] === '-' && isHyphen(text, at)) return at + 1;
  }
  return text.length;
}

/** Whether the `-` is one within a word: letters on both sides. */
function isHyphen(text: readonly string[], at: number): boolean {
  const isBefore =
    isLetter(text[at - 1]) && (isLetter(text[at - 2]) || (text[at - 2] === '-' && isLetter(text[at - 3])));
  return (
    isBefore &&
    isLetter(text[at + 1]) &&
    (isLetter(text[at + 2]) || (text[at + 2] === '-' && isLetter(text[at + 3])))
  );
}
