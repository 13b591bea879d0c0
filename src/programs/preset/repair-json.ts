/**
 * Repairs pasted JSON: trailing commas, typographic quotes, unquoted names and Jinja, comments. Faults
 * that cannot be repaired without guessing are reported with their offset.
 */

import { tagAsJson, tagAsLeaf, tagAt } from './jinja-in-json.ts';
import { locationAt } from './pasted-text.ts';

/** A remark about an offset of the source. */
export interface Finding {
  offset: number;
  text: string;
}

export interface RepairedJson {
  /** JSON, except that commas before closing brackets remain. */
  json: string;
  /** Offset in the source of the first character after it. */
  end: number;
  faults: readonly Finding[];
  /** Repairs that may differ from what the author meant. */
  doubts: readonly Finding[];
  /** Returns the source offset of an offset in `json`. */
  sourceOffset(offset: number): number;
}

/** No body of a card is nested deeper, and parsing deeper ones costs stack. */
const MAX_DEPTH = 50;

const BLANK = /(?:\s|\/\/[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)+/y;
const WORD = /[^\s,:{}[\]"“”„]+/y;
const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/** Repairs the JSON from an opening bracket to the matching closing one. */
export function repairJson(source: string, start: number): RepairedJson {
  const segments: [json: number, source: number][] = [];
  const faults: Finding[] = [];
  const doubts: Finding[] = [];
  const open: { bracket: string; offset: number }[] = [];
  let json = '';
  let offset = start;

  const emit = (text: string, length: number) => {
    segments.push([json.length, offset]);
    json += text;
    offset += length;
  };
  const charBefore = () => /\S(?=\s*$)/.exec(json.slice(-8))?.[0] ?? '';
  const charAfter = (end: number) => source[end + (match(BLANK, source, end)?.length ?? 0)] ?? '';

  /** Repairs a tag outside of a string. */
  const repairTag = (tag: string) => {
    const inList = open.at(-1)?.bracket === '[';
    const isValue = charBefore() === ':' || (inList && /[[,]/.test(charBefore()));
    if (tag.startsWith('{#')) return emit(' ', tag.length);
    if (tag.startsWith('{%') || !isValue) {
      // One fault per block is enough.
      if (!/^\{%[-+]?\s*(?:end|el)/.test(tag)) faults.push({ offset, text: betweenMembers(tag) });
      return emit(' ', tag.length);
    }
    if (!/[,}\]]/.test(charAfter(offset + tag.length))) {
      faults.push({
        offset,
        text: `${shorten(tag)} is followed by other text: put quotes around the whole value`,
      });
    } else if (/\bcustomer\b/.test(tag) && !/\|\s*(?:int|float|round|tojson)\b/.test(tag)) {
      doubts.push({ offset, text: `${shorten(tag)} ${KEEPS_TYPE}` });
    }
    return emit(JSON.stringify(tagAsLeaf(tag)), tag.length);
  };

  const repairWord = (word: string) => {
    const isName = charBefore() !== ':' && open.at(-1)?.bracket === '{';
    if (isName && charAfter(offset + word.length) === ':') return emit(JSON.stringify(word), word.length);
    if (isName || !isJson(word)) faults.push({ offset, text: unexpected(word, isName) });
    else if (isRounded(word))
      faults.push({ offset, text: `${word} has more digits than a JSON number keeps: put quotes around it` });
    return emit(isName ? ' ' : isJson(word) ? word : 'null', word.length);
  };

  while (offset < source.length) {
    const char = source[offset] ?? '';
    const blank = match(BLANK, source, offset);
    const tag = blank === undefined ? tagAt(source, offset) : undefined;
    if (blank !== undefined) emit(' ', blank.length);
    else if (tag !== undefined) repairTag(tag);
    else if (char === '{' || char === '[') {
      open.push({ bracket: char, offset });
      emit(char, 1);
      if (open.length > MAX_DEPTH) return stop({ offset: offset - 1, text: 'is nested too deep for a card' });
    } else if (char === '}' || char === ']') {
      const opened = open.pop();
      if (opened === undefined || CLOSING[opened.bracket] !== char) {
        const what =
          opened === undefined ? 'nothing' : `the ${opened.bracket} of ${locationAt(source, opened.offset)}`;
        return stop({ offset, text: `${char} closes ${what}: a bracket is missing or superfluous` });
      }
      emit(char, 1);
      if (open.length === 0) return finish(offset);
    } else if (char === ',' || char === ':') emit(char, 1);
    else if (Object.hasOwn(CLOSING_QUOTES, char)) {
      const string = repairString(source, offset);
      if (!string.ok) return stop(string.fault);
      emit(string.json, string.end - offset);
    } else {
      const word = match(WORD, source, offset) ?? char;
      repairWord(word);
    }
  }
  const unclosed = open.at(-1);
  return stop({
    offset: unclosed?.offset ?? start,
    text: `the ${unclosed?.bracket ?? '{'} that opens here is not closed`,
  });

  /** Ends the repair: nothing after such a fault can be trusted. */
  function stop(fault: Finding): RepairedJson {
    faults.push(fault);
    return finish(source.length);
  }

  function finish(end: number): RepairedJson {
    return {
      json,
      end,
      faults,
      doubts,
      sourceOffset: (wanted) => segments.findLast(([begins]) => begins <= wanted)?.[1] ?? start,
    };
  }
}

const KEEPS_TYPE =
  'has no quotes, so Bloomreach sent a number if it printed one; here it keeps the type of the value, and cells of a CSV are text: add | int or | float if Passmachine needs a number';

function betweenMembers(tag: string): string {
  return (
    `${shorten(tag)} is between members, where passbridge does not render Jinja. ` +
    'Put it into the value that depends on it, e.g. "kpTier": "{% if customer.vip %}gold{% else %}{% endif %}"'
  );
}

function unexpected(word: string, isName: boolean): string {
  const what = word.length > 30 ? `${word.slice(0, 30)}…` : word;
  if (isName)
    return `${what} is unexpected here: put quotes around texts, and write \\" for a quote in a text`;
  return `${what} is not a JSON value: put quotes around it`;
}

function shorten(tag: string): string {
  const line = tag.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

function isJson(word: string): boolean {
  return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/.test(word);
}

/** Returns whether parsers would round the whole number. */
function isRounded(word: string): boolean {
  return /^-?\d{16,}$/.test(word) && BigInt(Number(word)) !== BigInt(word);
}

function match(pattern: RegExp, source: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(source)?.[0];
}

type RepairedString = { ok: true; json: string; end: number } | { ok: false; fault: Finding };

/** The characters that may close a string, by the one that opened it: word processors pair them differently. */
const CLOSING_QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'’",
  '“': '”“"',
  '”': '”"',
  '„': '“”"',
  '«': '»',
  '‘': "’'",
  '’': "’'",
  '‚': '‘’',
};

/** Repairs the string that starts at the offset; `end` is the offset of the first character after it. */
function repairString(source: string, start: number): RepairedString {
  const quote = source[start] ?? '';
  const closing = CLOSING_QUOTES[quote] ?? quote;
  let json = '"';
  let offset = start + 1;
  while (offset < source.length) {
    const char = source[offset] ?? '';
    // An apostrophe within ‘…’ does not close it.
    if (closing.includes(char) && (quote === '"' || isFollowedByStructure(source, offset + 1))) {
      return { ok: true, json: `${json}"`, end: offset + 1 };
    }
    const tag = tagAt(source, offset);
    if (tag !== undefined && !reachesBeyondString(source, offset, tag)) {
      json += tagAsJson(tag);
      offset += tag.length;
    } else if (char === '\\') {
      const [escape = ''] =
        /^\\(?:u[0-9a-fA-F]{4}|["'\\/bfnrt])/.exec(source.slice(offset, offset + 6)) ?? [];
      if (escape === '') {
        const wrong = source.slice(offset, offset + 2);
        return fail(`JSON has no escape ${wrong}: write \\${wrong} for a backslash`, offset);
      }
      json += escape === "\\'" ? "'" : escape;
      offset += escape.length;
    } else if (char === '\n' && !isBetweenTags(source, offset)) {
      return fail(`the ${quote} that opens here is not closed on its line`, start);
    } else {
      json += JSON.stringify(char).slice(1, -1);
      offset += 1;
    }
  }
  return fail(`the ${quote} that opens here is not closed`, start);
}

function fail(text: string, offset: number): RepairedString {
  return { ok: false, fault: { offset, text } };
}

/** Returns whether an apparent tag extends beyond the end of its string, which means that it is unclosed. */
function reachesBeyondString(source: string, offset: number, tag: string): boolean {
  for (const { 0: found, index } of tag.matchAll(/\\[\s\S]|"/g)) {
    if (found === '"') return isFollowedByStructure(source, offset + index + 1);
  }
  return false;
}

function isFollowedByStructure(source: string, offset: number): boolean {
  return /^\s*(?:[:,}\]]|$)/.test(source.slice(offset, offset + 200));
}

/** JSON strings have no line ends, but a long Jinja snippet is often pasted over several lines. */
function isBetweenTags(source: string, offset: number): boolean {
  return (
    /[}%#]\}\s*$/.test(source.slice(Math.max(0, offset - 200), offset)) ||
    /^\s*\{[{%#]/.test(source.slice(offset, offset + 200))
  );
}
