/** Which names a template uses, read off its tags: what it asks of its data, and what it takes for granted. */

import { readTags, type Tag } from './tags.ts';

/** One use of a variable that the template does not set itself: `customer.address.city`. */
export interface Reference {
  /** The variable, e.g. `customer`. */
  root: string;
  /** The names after it, e.g. `['address', 'city']`; up to the first that is computed or called. */
  path: readonly string[];
  /**
   * Whether it is used as it is, wherever the template runs: not inside a block, and in an
   * expression that neither compares, chooses nor defaults. What is absent then ends up as nothing.
   */
  bare: boolean;
}

export interface Names {
  references: readonly Reference[];
  filters: ReadonlySet<string>;
  tests: ReadonlySet<string>;
  /** Whether it may leave the customer out. */
  aborts: boolean;
}

const KEYWORDS = new Set(
  'and or not in is if else elif true false none True False None recursive set for endfor endif do loop self caller super varargs kwargs'.split(
    ' ',
  ),
);

/** Statements whose names are all their own: parameters, blocks, other templates. */
const DECLARING = new Set(['macro', 'call', 'block', 'import', 'from', 'include', 'extends']);

const LOGIC = new Set('if else and or not in is == != < > <= >= default d select'.split(' '));

/** Reads a source without syntax errors. */
export function readNames(source: string): Names {
  const tags = readTags(source);
  const aborts = tags.some(({ kind, tokens }) => kind === 'statement' && tokens[0] === 'abort');
  const declared = new Set(tags.flatMap(declaredBy));
  const filters = new Set<string>();
  const tests = new Set<string>();
  const references: Reference[] = [];
  for (const tag of tags) {
    // Before an abort nothing can be said to be missed.
    const bare =
      !aborts && tag.depth === 0 && (tag.kind === 'print' || tag.tokens[0] === 'set') && !hasLogic(tag);
    for (const [place, token] of tag.tokens.entries()) {
      if (!isName(token) || (place === 0 && tag.kind === 'statement')) continue;
      const before = tag.tokens[place - 1];
      if (before === '|' || (place === 1 && tag.tokens[0] === 'filter')) filters.add(token);
      else if (before === 'is' || (before === 'not' && tag.tokens[place - 2] === 'is')) {
        if (token !== 'not') tests.add(token);
      } else if (before !== '.' && !KEYWORDS.has(token) && !declared.has(token)) {
        references.push({ root: token, path: pathAfter(tag.tokens, place + 1), bare });
      }
    }
  }
  return { references, filters, tests, aborts };
}

function isName(token: string): boolean {
  return /^[\p{L}_]/u.test(token);
}

function hasLogic({ tokens }: Tag): boolean {
  return tokens.some((token) => LOGIC.has(token));
}

/** Names that a tag brings into being: `set` targets, loop variables, parameters, keyword arguments. */
function declaredBy({ kind, tokens }: Tag): string[] {
  const keyword = kind === 'statement' ? (tokens[0] ?? '') : '';
  if (DECLARING.has(keyword)) return tokens.slice(1).filter(isName);
  const end = { set: tokens.indexOf('='), for: tokens.indexOf('in') }[keyword];
  if (end !== undefined) return tokens.slice(1, end === -1 ? undefined : end).filter(isName);
  return tokens.filter((token, place) => isName(token) && tokens[place + 1] === '=');
}

/** `.city`, `["city"]` and so on, from `place`; a method that is called ends it. */
function pathAfter(tokens: readonly string[], place: number): string[] {
  const [mark, name = '', close] = tokens.slice(place);
  const dotted = mark === '.' && isName(name) && close !== '(';
  const quoted = mark === '[' && /^["']/.test(name) && close === ']';
  if (dotted) return [name, ...pathAfter(tokens, place + 2)];
  return quoted ? [unquoted(name), ...pathAfter(tokens, place + 3)] : [];
}

function unquoted(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, '$1');
}
