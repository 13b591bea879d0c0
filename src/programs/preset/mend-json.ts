/**
 * JSON as it gets pasted, made JSON again: commas too many, typographic quotes, names and Jinja without
 * quotes, comments. What cannot be mended without guessing is a fault with its place.
 */

import { tagAsLeaf, tagAt } from './jinja-in-json.ts';
import { isQuote, readLenientString } from './lenient-string.ts';
import { placeOf } from './text-location.ts';

/** Something said about a place of the source. */
export interface Spot {
  /** Index of a character. */
  at: number;
  text: string;
}

export interface Mended {
  /** JSON, but for commas before closing brackets. */
  json: string;
  /** The first character after it in the source. */
  end: number;
  faults: readonly Spot[];
  /** What was mended and may not be what was meant. */
  doubts: readonly Spot[];
  /** Where a character of the JSON comes from. */
  origin(at: number): number;
}

/** No body of a card is deeper, and reading deeper ones costs stack. */
const DEEPEST = 50;

const BLANK = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const WORD = /[^\s,:{}[\]"“”„]+/y;
const CLOSED_BY: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/** Reads from an opening bracket to the one that closes it. */
export function mendJson(source: string, start: number): Mended {
  const origins: [begins: number, origin: number][] = [];
  const faults: Spot[] = [];
  const doubts: Spot[] = [];
  const open: { bracket: string; at: number }[] = [];
  let json = '';
  let at = start;

  const emit = (text: string, length: number) => {
    origins.push([json.length, at]);
    json += text;
    at += length;
  };
  const before = () => /\S(?=\s*$)/.exec(json.slice(-8))?.[0] ?? '';
  const after = (end: number) => source[end + (match(BLANK, source, end)?.length ?? 0)] ?? '';

  /** A tag where JSON has a value, a name or nothing. */
  const readTag = (tag: string) => {
    const inList = open.at(-1)?.bracket === '[';
    const isValue = before() === ':' || (inList && /[[,]/.test(before()));
    if (tag.startsWith('{#')) return emit(' ', tag.length);
    if (tag.startsWith('{%') || !isValue) {
      // One word for a whole block is enough.
      if (!/^\{%[-+]?\s*(?:end|el)/.test(tag)) faults.push({ at, text: betweenMembers(tag) });
      return emit(' ', tag.length);
    }
    if (!/[,}\]]/.test(after(at + tag.length))) {
      faults.push({
        at,
        text: `${shortened(tag)} stands beside something else: put quotes around all of it`,
      });
    } else if (/\bcustomer\b/.test(tag) && !/\|\s*(?:int|float|round|tojson)\b/.test(tag)) {
      doubts.push({ at, text: `${shortened(tag)} ${ownType}` });
    }
    return emit(JSON.stringify(tagAsLeaf(tag)), tag.length);
  };

  const readWord = (word: string) => {
    const isName = before() !== ':' && open.at(-1)?.bracket === '{';
    if (isName && after(at + word.length) === ':') return emit(JSON.stringify(word), word.length);
    if (isName || !isJson(word)) faults.push({ at, text: unexpected(word, isName) });
    else if (isRounded(word))
      faults.push({ at, text: `${word} has more digits than a number keeps: put quotes around it` });
    return emit(isName ? ' ' : isJson(word) ? word : 'null', word.length);
  };

  while (at < source.length) {
    const char = source[at] ?? '';
    const blank = match(BLANK, source, at);
    const tag = blank === undefined ? tagAt(source, at) : undefined;
    if (blank !== undefined) emit(' ', blank.length);
    else if (tag !== undefined) readTag(tag);
    else if (char === '{' || char === '[') {
      open.push({ bracket: char, at });
      emit(char, 1);
      if (open.length > DEEPEST) return stopped({ at: at - 1, text: 'is nested too deep for a card' });
    } else if (char === '}' || char === ']') {
      const opened = open.pop();
      if (opened === undefined || CLOSED_BY[opened.bracket] !== char) {
        const what =
          opened === undefined ? 'nothing' : `the ${opened.bracket} of ${placeOf(source, opened.at)}`;
        return stopped({ at, text: `${char} closes ${what}: one bracket is missing or too many` });
      }
      emit(char, 1);
      if (open.length === 0) return finish(at);
    } else if (char === ',' || char === ':') emit(char, 1);
    else if (isQuote(char)) {
      const string = readLenientString(source, at);
      if (!string.ok) return stopped({ at: string.at, text: string.problem });
      emit(string.json, string.end - at);
    } else {
      const word = match(WORD, source, at) ?? char;
      readWord(word);
    }
  }
  const unclosed = open.at(-1);
  return stopped({
    at: unclosed?.at ?? start,
    text: `the ${unclosed?.bracket ?? '{'} that opens here is not closed`,
  });

  /** Nothing after such a fault can be trusted. */
  function stopped(fault: Spot): Mended {
    faults.push(fault);
    return finish(source.length);
  }

  function finish(end: number): Mended {
    return {
      json,
      end,
      faults,
      doubts,
      origin: (wanted) => origins.findLast(([begins]) => begins <= wanted)?.[1] ?? start,
    };
  }
}

const ownType =
  'has no quotes, so Bloomreach sent a number where it printed one; here it keeps the type that it has, and cells of a CSV are text: add | int or | float where Passmachine wants a number';

function betweenMembers(tag: string): string {
  return (
    `${shortened(tag)} stands between members, where passbridge knows no Jinja. ` +
    'Put it into the value that depends on it, e.g. "kpTier": "{% if customer.vip %}gold{% else %}{% endif %}"'
  );
}

function unexpected(word: string, isName: boolean): string {
  const what = word.length > 30 ? `${word.slice(0, 30)}…` : word;
  if (isName)
    return `${what} is not expected here: a text wants quotes around it, and \\" for a quote within`;
  return `${what} is no value of JSON: put quotes around it`;
}

function shortened(tag: string): string {
  const line = tag.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

function isJson(word: string): boolean {
  return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/.test(word);
}

/** Whether programs would come to see another whole number. */
function isRounded(word: string): boolean {
  return /^-?\d{16,}$/.test(word) && BigInt(Number(word)) !== BigInt(word);
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
