/** Splits a template's source into its tags, and those into tokens. Text, comments and raw blocks are dropped. */

/** One `{{ … }}` or `{% … %}`. */
export interface Tag {
  kind: 'print' | 'statement';
  tokens: readonly string[];
  /** Number of enclosing blocks: 0 if the tag always runs. */
  depth: number;
}

const STRING = String.raw`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'`;

/** Comments, raw blocks, prints and statements, each whole. */
const TAGS = new RegExp(
  [
    String.raw`\{#[\s\S]*?#\}`,
    String.raw`\{%[-+]?\s*raw\s*[-+]?%\}[\s\S]*?\{%[-+]?\s*endraw\s*[-+]?%\}`,
    String.raw`\{\{[-+]?(?<print>(?:${STRING}|(?!\}\})[\s\S])*)\}\}`,
    String.raw`\{%[-+]?(?<statement>(?:${STRING}|(?!%\})[\s\S])*)%\}`,
  ].join('|'),
  'g',
);

const TOKENS = new RegExp(
  String.raw`${STRING}|[\p{L}_][\p{L}\p{N}_]*|\d[\d._]*|==|!=|<=|>=|\*\*|//|[^\s]`,
  'gu',
);

const OPENERS = new Set(['for', 'if', 'macro', 'block', 'with', 'filter', 'call', 'autoescape']);

/** Returns the tags of a template in order. Expects a source without syntax errors. */
export function parseTags(source: string): Tag[] {
  const tags: Tag[] = [];
  let depth = 0;
  for (const { groups } of source.matchAll(TAGS)) {
    const print = groups?.['print'];
    const statement = groups?.['statement'];
    if (print !== undefined) tags.push({ kind: 'print', tokens: tokensOf(print), depth });
    if (statement === undefined) continue;
    const tokens = tokensOf(statement);
    const [keyword = ''] = tokens;
    if (keyword.startsWith('end')) depth -= 1;
    tags.push({ kind: 'statement', tokens, depth });
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
  const [only, ...others] = [...source.matchAll(TAGS)];
  const print = only?.groups?.['print'];
  if (print === undefined || others.length > 0 || only?.[0] !== source) return undefined;
  return print.replace(/[-+]$/, '').trim();
}

function tokensOf(code: string): string[] {
  return code.match(TOKENS) ?? [];
}

/** The function that implements `{% abort %}`. */
export const ABORT = 'passbridge_abort';

const ABORT_STATEMENT =
  /^(?<open>[-+]?)\s*abort\s*:?\s*(?<reason>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')?\s*(?<close>[-+]?)$/;

/**
 * Replaces Bloomreach's `{% abort %}` and `{% abort: "reason" %}`, which exclude a customer, by calls of
 * {@link ABORT}: the engine has no such statement.
 */
export function replaceAborts(source: string): string {
  return source.replaceAll(TAGS, (tag: string, ...more: unknown[]) => {
    const { statement } = more.at(-1) as { statement?: string };
    const found = ABORT_STATEMENT.exec(statement ?? '')?.groups;
    if (found === undefined) return tag;
    // The pattern of tags leaves the opening whitespace control out of `statement`.
    const trim = /^\{%[-+]/.test(tag) ? tag.charAt(2) : '';
    return `{{${trim} ${ABORT}(${found['reason'] ?? "''"}) ${found['close'] ?? ''}}}`;
  });
}
