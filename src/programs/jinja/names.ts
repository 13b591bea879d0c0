/** Finds the names that a template uses: variables, filters and tests. */

import { parseTags, type Tag } from './tags.ts';

/** One use of a variable that the template does not set itself: `customer.address.city`. */
export interface Reference {
  /** The variable, e.g. `customer`. */
  root: string;
  /** The members read from it, e.g. `['address', 'city']`, up to the first one that is computed or called. */
  path: readonly string[];
  /**
   * Whether the template always needs the value: the reference is outside of all blocks, in an
   * expression without comparison, condition or default.
   */
  unconditional: boolean;
}

export interface Names {
  references: readonly Reference[];
  filters: ReadonlySet<string>;
  tests: ReadonlySet<string>;
  /** Whether the template contains `{% abort %}`. */
  aborts: boolean;
}

const KEYWORDS = new Set(
  'and or not in is if else elif true false none True False None recursive set for endfor endif do loop self caller super varargs kwargs'.split(
    ' ',
  ),
);

/** Statements that declare every name in them: parameters, blocks, other templates. */
const DECLARING = new Set(['macro', 'call', 'block', 'import', 'from', 'include', 'extends']);

const LOGIC = new Set('if else and or not in is == != < > <= >= default d select'.split(' '));

/** Returns the names used in a source without syntax errors. */
export function parseNames(source: string): Names {
  const tags = parseTags(source);
  const aborts = tags.some(({ kind, tokens }) => kind === 'statement' && tokens[0] === 'abort');
  const declared = new Set(tags.flatMap(declaredBy));
  const filters = new Set<string>();
  const tests = new Set<string>();
  const references: Reference[] = [];
  for (const tag of tags) {
    // An abort may exclude the customer before the value is needed.
    const unconditional =
      !aborts && tag.depth === 0 && (tag.kind === 'print' || tag.tokens[0] === 'set') && !hasLogic(tag);
    for (const [index, token] of tag.tokens.entries()) {
      if (!isName(token) || (index === 0 && tag.kind === 'statement')) continue;
      const before = tag.tokens[index - 1];
      if (before === '|' || (index === 1 && tag.tokens[0] === 'filter')) filters.add(token);
      else if (before === 'is' || (before === 'not' && tag.tokens[index - 2] === 'is')) {
        if (token !== 'not') tests.add(token);
      } else if (before !== '.' && !KEYWORDS.has(token) && !declared.has(token)) {
        references.push({ root: token, path: pathAfter(tag.tokens, index + 1), unconditional });
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

/** Returns the names that a tag declares: `set` targets, loop variables, parameters, keyword arguments. */
function declaredBy({ kind, tokens }: Tag): string[] {
  const keyword = kind === 'statement' ? (tokens[0] ?? '') : '';
  if (DECLARING.has(keyword)) return tokens.slice(1).filter(isName);
  const end = { set: tokens.indexOf('='), for: tokens.indexOf('in') }[keyword];
  if (end !== undefined) return tokens.slice(1, end === -1 ? undefined : end).filter(isName);
  return tokens.filter((token, index) => isName(token) && tokens[index + 1] === '=');
}

/** Returns the members (`.city`, `["city"]`) read from `index` on, up to a method call. */
function pathAfter(tokens: readonly string[], index: number): string[] {
  const [mark, name = '', close] = tokens.slice(index);
  const dotted = mark === '.' && isName(name) && close !== '(';
  const quoted = mark === '[' && /^["']/.test(name) && close === ']';
  if (dotted) return [name, ...pathAfter(tokens, index + 2)];
  return quoted ? [unquoted(name), ...pathAfter(tokens, index + 3)] : [];
}

function unquoted(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, '$1');
}
