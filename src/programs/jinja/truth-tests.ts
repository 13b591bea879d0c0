/**
 * Finds attributes whose bare value decides something: `{% if customer.consent %}`. In an export of text every value
 * but an empty one is true, `false` and `0` included.
 */

import { parseTags, type Tag } from './tags.ts';

/** Returns the names of the attributes that a source without syntax errors tests as true or false, each once. */
export function truthTestsIn(source: string): string[] {
  const aliases = new Map<string, string>();
  const found = new Set<string>();
  for (const tag of parseTags(source)) {
    for (const operand of operandsOf(tag, aliases)) {
      if (isTested(tag.tokens, operand)) found.add(operand.attribute);
    }
    const alias = aliasIn(tag, aliases);
    if (alias !== undefined) aliases.set(alias.name, alias.attribute);
  }
  return [...found];
}

/** An attribute in a tag, with the filters and parentheses around it that leave text as text. */
interface Operand {
  attribute: string;
  /** Index of its first token. */
  start: number;
  /** Index after its last token. */
  end: number;
}

function operandsOf({ tokens }: Tag, aliases: ReadonlyMap<string, string>): Operand[] {
  return tokens.flatMap((token, start): Operand[] => {
    if (tokens[start - 1] === '.' || tokens[start - 1] === '|') return [];
    const alias = aliases.get(token);
    const member = token === 'customer' ? memberAt(tokens, start + 1) : undefined;
    const bare = alias === undefined ? member : { attribute: alias, end: start + 1 };
    return bare === undefined ? [] : [widen(tokens, { start, ...bare })];
  });
}

/** Reads `.name` or `["name"]`. */
function memberAt(tokens: readonly string[], index: number): Omit<Operand, 'start'> | undefined {
  const [mark, name = '', close] = tokens.slice(index);
  if (mark === '.' && /^[\p{L}_]/u.test(name)) return { attribute: name, end: index + 2 };
  if (mark === '[' && /^["']/.test(name) && close === ']')
    return { attribute: name.slice(1, -1), end: index + 3 };
  return undefined;
}

/** Filters after which the text `false` is still a text that is not empty. */
const KEEPS_TEXT = new Set('default d trim lower upper capitalize title string bool'.split(' '));

function widen(tokens: readonly string[], { attribute, start, end }: Operand): Operand {
  if (tokens[end] === '|' && KEEPS_TEXT.has(tokens[end + 1] ?? '')) {
    const next = tokens[end + 2] === '(' ? closingOf(tokens, end + 2) + 1 : end + 2;
    return widen(tokens, { attribute, start, end: next });
  }
  const isParenthesis = tokens[start - 1] === '(' && !/^[\p{L}_]/u.test(tokens[start - 2] ?? '');
  const follows = OPENS_OPERAND.has(tokens[start - 2] ?? '');
  if (tokens[start - 1] === '(' && (isParenthesis || follows) && tokens[end] === ')')
    return widen(tokens, { attribute, start: start - 1, end: end + 1 });
  return { attribute, start, end };
}

/** Returns the index of the parenthesis that closes the one at `open`. */
function closingOf(tokens: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at] === '(') depth += 1;
    if (tokens[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}

/** Keywords after which an operand is tested. */
const TESTS_NEXT = new Set(['if', 'elif', 'not', 'and', 'or']);

/** Words before a parenthesis that is not the call of a function. */
const OPENS_OPERAND = new Set([...TESTS_NEXT, 'else', 'in', 'is']);

/** What may follow an operand that is tested by what stands before it; anything else makes another value of it. */
const ENDS_OPERAND = new Set([undefined, ')', 'and', 'or', 'else', 'if', '-', '+', ',', ':']);

/** What may stand before an operand that is tested by the `and` or `or` after it. */
const STARTS_OPERAND = new Set([undefined, '(', '=', 'else', ',', '[', ...TESTS_NEXT]);

function isTested(tokens: readonly string[], { start, end }: Operand): boolean {
  const [before, after] = [tokens[start - 1], tokens[end]];
  if (TESTS_NEXT.has(before ?? '')) return isEnd(tokens, end);
  return (after === 'and' || after === 'or') && STARTS_OPERAND.has(before);
}

/** A sign at the end of a tag is whitespace control, within it an operator. */
function isEnd(tokens: readonly string[], end: number): boolean {
  const after = tokens[end];
  const isSign = after === '-' || after === '+';
  return ENDS_OPERAND.has(after) && (!isSign || end === tokens.length - 1);
}

/** Returns the variable that a tag sets to an attribute as it is: `{% set consent = customer.consent %}`. */
function aliasIn(
  tag: Tag,
  aliases: ReadonlyMap<string, string>,
): { name: string; attribute: string } | undefined {
  const [keyword, name, sign] = tag.tokens;
  if (tag.kind !== 'statement' || keyword !== 'set' || name === undefined || sign !== '=') return undefined;
  const operand = operandsOf(tag, aliases).find(({ start }) => start === 3);
  return operand !== undefined && isEnd(tag.tokens, operand.end) && tag.tokens.length - operand.end <= 1
    ? { name, attribute: operand.attribute }
    : undefined;
}
