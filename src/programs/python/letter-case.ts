/** Upper, lower and title case as Python has them. */

import { charactersOf } from './code-points.ts';

const CASED = /\p{Cased}/u;
const IGNORED = /\p{Case_Ignorable}/u;

/** Titles that are neither the upper case nor its first letter: digraphs, and Georgian, whose titles are small. */
const DIGRAPHS = new Map(
  ['Ǆǅǆ', 'Ǉǈǉ', 'Ǌǋǌ', 'Ǳǲǳ'].flatMap((group) =>
    Array.from(group, (letter) => [letter, group[1] ?? ''] as const),
  ),
);

export function titleCharacter(character: string): string {
  const digraph = DIGRAPHS.get(character);
  if (digraph !== undefined) return digraph;
  if (/^[ა-ჿ]$/u.test(character)) return character;
  const [first = '', ...rest] = Array.from(character.toUpperCase());
  if (rest.length === 0) return first;
  // ß becomes Ss, ŉ becomes ʼN, and Greek letters with an iota below keep one character.
  if (/\p{L}/u.test(first) && first !== 'ʼ') {
    const isGreek = /\p{Script=Greek}/u.test(first);
    return isGreek ? titleGreek(character, first, rest) : first + rest.join('').toLowerCase();
  }
  return first + rest.join('');
}

/** Capital letters with iota exist as title letters of their own; the others get a small iota or a mark. */
function titleGreek(character: string, first: string, rest: readonly string[]): string {
  if (!rest.includes('Ι') || /[\u0390\u03B0]/u.test(character)) return first + rest.join('');
  const point = character.codePointAt(0) ?? 0;
  if (point >= 0x1f80 && point <= 0x1faf) return String.fromCodePoint(point | 8);
  const plain = new Map([
    [0x1fb3, 0x1fbc],
    [0x1fc3, 0x1fcc],
    [0x1ff3, 0x1ffc],
    [0x1fbc, 0x1fbc],
    [0x1fcc, 0x1fcc],
    [0x1ffc, 0x1ffc],
  ]).get(point);
  if (plain !== undefined) return String.fromCodePoint(plain);
  return first + rest.map((mark) => (mark === 'Ι' ? '\u0345' : mark)).join('');
}

/** `str.capitalize` */
export function capitalize(text: string): string {
  const [first = ''] = charactersOf(text);
  return titleCharacter(first) + text.toLowerCase().slice(first.toLowerCase().length);
}

/** `str.title`: a word starts after each character that is no letter. */
export function titleWords(text: string): string {
  const characters = Array.from(text);
  let isInWord = false;
  const titled = characters.map((character, index) => {
    const changed = isInWord ? lowerAt(characters, index) : titleCharacter(character);
    isInWord = CASED.test(character);
    return changed;
  });
  return titled.join('');
}

/** A capital sigma is lowered differently at the end of a word. */
function lowerAt(characters: readonly string[], index: number): string {
  const character = characters[index] ?? '';
  if (character !== 'Σ') return character.toLowerCase();
  const isAfter = isNextCased(characters, index, -1);
  return isAfter && !isNextCased(characters, index, 1) ? 'ς' : 'σ';
}

/** Most marks in a row; a text that has more is no word. */
const MAX_MARKS = 50;

function isNextCased(characters: readonly string[], from: number, step: 1 | -1): boolean {
  for (let at = from + step, marks = 0; marks < MAX_MARKS; at += step, marks += 1) {
    const character = characters[at];
    if (character === undefined) return false;
    if (!IGNORED.test(character)) return CASED.test(character);
  }
  return false;
}

/** `str.swapcase` */
export function swapCase(text: string): string {
  const characters = Array.from(text);
  return characters
    .map((character, index) => {
      if (/\p{Uppercase}/u.test(character)) return lowerAt(characters, index);
      return /\p{Lowercase}/u.test(character) ? character.toUpperCase() : character;
    })
    .join('');
}

/** Returns whether a text has characters, and only wanted ones. */
export function hasOnly(text: string, isWanted: (character: string) => boolean): boolean {
  if (text === '') return false;
  for (const character of text) if (!isWanted(character)) return false;
  return true;
}

export function isUpperText(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
}

export function isLowerText(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
}

/** `str.istitle` */
export function isTitleText(text: string): boolean {
  let isInWord = false;
  let hasLetter = false;
  for (const character of text) {
    const isUpper = /[\p{Uppercase}\p{Lt}]/u.test(character);
    const isLower = /\p{Lowercase}/u.test(character);
    if ((isUpper && isInWord) || (isLower && !isInWord)) return false;
    isInWord = isUpper || isLower;
    hasLetter ||= isInWord;
  }
  return hasLetter;
}
