/** One string of pasted JSON, whatever quotes it came in, as a string that JSON knows. */

import { tagAsJson, tagAt } from './jinja-in-json.ts';

type LenientString =
  | { ok: true; json: string; end: number }
  | { ok: false; problem: string; at: number; end: number };

/** What may close a string, by what opened it: word processors pair them as they like. */
const CLOSERS: Readonly<Record<string, string>> = {
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

/** Whether a string can begin with the character. */
export function isQuote(char: string): boolean {
  return Object.hasOwn(CLOSERS, char);
}

/** Reads the string that begins at the place; `end` is the first character after it. */
export function readLenientString(source: string, start: number): LenientString {
  const quote = source[start] ?? '';
  const closers = CLOSERS[quote] ?? quote;
  let json = '"';
  let at = start + 1;
  while (at < source.length) {
    const char = source[at] ?? '';
    // An apostrophe within ‘…’ is not its end.
    if (closers.includes(char) && (quote === '"' || followedByStructure(source, at + 1))) {
      return { ok: true, json: `${json}"`, end: at + 1 };
    }
    const tag = tagAt(source, at);
    if (tag !== undefined && !endsWithin(source, at, tag)) {
      json += tagAsJson(tag);
      at += tag.length;
    } else if (char === '\\') {
      const [escape = ''] = /^\\(?:u[0-9a-fA-F]{4}|["'\\/bfnrt])/.exec(source.slice(at, at + 6)) ?? [];
      if (escape === '') {
        const wrong = source.slice(at, at + 2);
        return fail(`JSON knows no ${wrong}: write \\${wrong} for a backslash`, at, at);
      }
      json += escape === "\\'" ? "'" : escape;
      at += escape.length;
    } else if (char === '\n' && !betweenTags(source, at)) {
      return fail(`the ${quote} that opens here is not closed in its line`, start, at);
    } else {
      json += JSON.stringify(char).slice(1, -1);
      at += 1;
    }
  }
  return fail(`the ${quote} that opens here is not closed`, start, at);
}

/** Whether what looks like one tag goes on past the string's end: then it is a tag that nobody closed. */
function endsWithin(source: string, at: number, tag: string): boolean {
  for (const { 0: found, index } of tag.matchAll(/\\[\s\S]|"/g)) {
    if (found === '"') return followedByStructure(source, at + index + 1);
  }
  return false;
}

function followedByStructure(source: string, place: number): boolean {
  return /^\s*(?:[:,}\]]|$)/.test(source.slice(place, place + 200));
}

/** JSON has no line ends in strings, but a long snippet of Jinja is often pasted over several lines. */
function betweenTags(source: string, place: number): boolean {
  return (
    /[}%#]\}\s*$/.test(source.slice(Math.max(0, place - 200), place)) ||
    /^\s*\{[{%#]/.test(source.slice(place, place + 200))
  );
}

function fail(problem: string, at: number, end: number): LenientString {
  return { ok: false, problem, at, end };
}
