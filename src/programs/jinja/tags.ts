/** Cuts a template's source into its tags, and those into tokens. Text, comments and raw blocks drop out. */

/** One `{{ … }}` or `{% … %}`. */
export interface Tag {
  kind: 'print' | 'statement';
  tokens: readonly string[];
  /** Blocks around it: 0 when nothing decides whether it runs. */
  depth: number;
}

const STRING = String.raw`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'`;

/** Comments, raw blocks, prints and statements, each whole. */
export const TAGS = new RegExp(
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

/** The tags of a template in their order. The source is taken to be free of syntax errors. */
export function readTags(source: string): Tag[] {
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

/** Whether the source is anything but plain text. */
export function hasTags(source: string): boolean {
  return /\{[{%#]/.test(source);
}

/** The expression, when the source is one `{{ expression }}` and nothing else. */
export function soleExpression(source: string): string | undefined {
  const [only, ...others] = [...source.matchAll(TAGS)];
  const print = only?.groups?.['print'];
  if (print === undefined || others.length > 0 || only?.[0] !== source) return undefined;
  return print.replace(/[-+]$/, '').trim();
}

function tokensOf(code: string): string[] {
  return code.match(TOKENS) ?? [];
}
