/** Splits a template's source into its tags, and those into tokens. Text, comments and raw blocks are dropped. */

/** One `{{ … }}` or `{% … %}`. */
export interface Tag {
  kind: 'print' | 'statement';
  tokens: readonly string[];
  /** Number of enclosing blocks: 0 if the tag always runs. */
  depth: number;
}

/** A tag as it stands in the source. */
interface RawTag {
  kind: Tag['kind'];
  /** Offsets in the source, `end` exclusive. */
  start: number;
  end: number;
  /** The whitespace control after the opening brace: `-`, `+` or nothing. */
  trim: string;
  /** The text up to the closing brace; ends with the whitespace control before it, if there is one. */
  code: string;
}

const RAW_START = /[-+]?\s*raw\s*[-+]?%\}/y;
const RAW_END = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;
const QUOTE_OR_CLOSE = { print: /["']|\}\}/g, statement: /["']|%\}/g };

/**
 * Returns the tags of a source, without comments and raw blocks, in one pass. Stops at a tag, comment, raw block
 * or string that is not closed, which the engine refuses.
 */
function findTags(source: string): RawTag[] {
  const found: RawTag[] = [];
  const opening = /\{[{%#]/g;
  for (let open = opening.exec(source); open !== null; open = opening.exec(source)) {
    const inside = opening.lastIndex;
    const end = open[0] === '{#' ? endOf('#}', source, inside) : endOfRaw(open[0], source, inside);
    if (end !== undefined) {
      opening.lastIndex = end;
      continue;
    }
    if (open[0] === '{#') break;
    const tag = readTag(open[0] === '{{' ? 'print' : 'statement', source, open.index);
    if (tag === undefined) break;
    found.push(tag);
    opening.lastIndex = tag.end;
  }
  return found;
}

function endOf(close: string, source: string, from: number): number | undefined {
  const at = source.indexOf(close, from);
  return at === -1 ? undefined : at + close.length;
}

/** Returns the end of a raw block that starts with this tag; undefined if none does. */
function endOfRaw(open: string, source: string, inside: number): number | undefined {
  RAW_START.lastIndex = inside;
  if (open !== '{%' || !RAW_START.test(source)) return undefined;
  RAW_END.lastIndex = RAW_START.lastIndex;
  return RAW_END.test(source) ? RAW_END.lastIndex : undefined;
}

function readTag(kind: Tag['kind'], source: string, start: number): RawTag | undefined {
  const first = source.charAt(start + 2);
  const trim = first === '-' || first === '+' ? first : '';
  const from = start + 2 + trim.length;
  const mark = QUOTE_OR_CLOSE[kind];
  mark.lastIndex = from;
  for (let next = mark.exec(source); next !== null; next = mark.exec(source)) {
    if (next[0].length === 2) {
      return { kind, start, end: mark.lastIndex, trim, code: source.slice(from, next.index) };
    }
    const end = endOfString(next[0], source, mark.lastIndex);
    if (end === undefined) return undefined;
    mark.lastIndex = end;
  }
  return undefined;
}

/** Returns the offset after the closing quote; undefined if the string is not closed. */
function endOfString(quote: string, source: string, from: number): number | undefined {
  for (let at = from; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (character === quote) return at + 1;
    if (character === '\\') at += 1;
  }
  return undefined;
}

const TOKENS =
  /"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[\p{L}_][\p{L}\p{N}_]*|\d[\d._]*|==|!=|<=|>=|\*\*|\/\/|[^\s]/gu;

const OPENERS = new Set(['for', 'if', 'macro', 'block', 'with', 'filter', 'call', 'autoescape']);

/** Returns the tags of a template in order. Expects a source without syntax errors. */
export function parseTags(source: string): Tag[] {
  const tags: Tag[] = [];
  let depth = 0;
  for (const { kind, code } of findTags(source)) {
    const tokens = tokensOf(code);
    if (kind === 'print') {
      tags.push({ kind, tokens, depth });
      continue;
    }
    const [keyword = ''] = tokens;
    if (keyword.startsWith('end')) depth -= 1;
    tags.push({ kind, tokens, depth });
    // `{% set x %}…{% endset %}` is a block, `{% set x = 1 %}` is not.
    if (OPENERS.has(keyword) || (keyword === 'set' && !tokens.includes('='))) depth += 1;
  }
  return tags;
}

/** Returns whether the source is more than plain text. */
export function hasTags(source: string): boolean {
  return /\{[{%#]/.test(source);
}

/** Returns the expression of a source that is exactly one `{{ expression }}`, otherwise undefined. */
export function soleExpression(source: string): string | undefined {
  const [only, ...others] = findTags(source);
  if (only?.kind !== 'print' || others.length > 0 || only.end - only.start !== source.length)
    return undefined;
  return only.code.replace(/[-+]$/, '').trim();
}

function tokensOf(code: string): string[] {
  return code.match(TOKENS) ?? [];
}

/** The function that implements `{% abort %}`. */
export const ABORT = 'passbridge_abort';

/**
 * Replaces Bloomreach's `{% abort %}` and `{% abort: "reason" %}`, which exclude a customer, by calls of
 * {@link ABORT}: the engine has no such statement.
 */
export function replaceAborts(source: string): string {
  let replaced = '';
  let copied = 0;
  for (const { kind, start, end, trim, code } of findTags(source)) {
    const abort = kind === 'statement' ? parseAbort(tokensOf(code)) : undefined;
    if (abort === undefined) continue;
    replaced += `${source.slice(copied, start)}{{${trim} ${ABORT}(${abort.reason}) ${abort.trim}}}`;
    copied = end;
  }
  return replaced + source.slice(copied);
}

/** Returns the reason, a string literal, and the whitespace control at the end; undefined for another statement. */
function parseAbort([keyword, ...tokens]: string[]): { reason: string; trim: string } | undefined {
  if (keyword !== 'abort') return undefined;
  const rest = tokens[0] === ':' ? tokens.slice(1) : tokens;
  const reason = /^["']./.test(rest[0] ?? '') ? rest.shift() : undefined;
  const trim = rest[0] === '-' || rest[0] === '+' ? rest.shift() : undefined;
  return rest.length > 0 ? undefined : { reason: reason ?? "''", trim: trim ?? '' };
}
