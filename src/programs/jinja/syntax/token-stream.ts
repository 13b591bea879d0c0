/** The position of the parser in the tokens of a template. */

import { TemplateSyntaxError } from './syntax-error.ts';
import { tokenize, type Token, type TokenType } from './tokens.ts';

/** Levels of brackets, operators and blocks within each other. The parser and the renderer recurse. */
const MAX_DEPTH = 100;

export interface TokenStream {
  readonly source: string;
  readonly current: Token;
  /** The token after the current one. */
  readonly ahead: Token;
  /** The end of the token before the current one. */
  readonly before: number;
  next(): Token;
  isOperator(text: string): boolean;
  isName(text: string): boolean;
  skipOperator(text: string): boolean;
  skipName(text: string): boolean;
  expectOperator(text: string): Token;
  expectName(text?: string): Token;
  expect(type: TokenType, name: string): Token;
  /** Returns an error at the current token. */
  unexpected(wanted: string): TemplateSyntaxError;
  /** Parses something nested. Throws if it is nested too deeply. */
  nested<T>(parse: () => T): T;
}

export function streamOf(source: string): TokenStream {
  const tokens = tokenize(source);
  const last = tokens.at(-1) as Token;
  let index = 0;
  let depth = 0;
  const stream: TokenStream = {
    source,
    get current() {
      return tokens[index] ?? last;
    },
    get ahead() {
      return tokens[index + 1] ?? last;
    },
    get before() {
      return tokens[index - 1]?.end ?? 0;
    },
    next() {
      const token = stream.current;
      index += 1;
      return token;
    },
    isOperator: (text) => stream.current.type === 'operator' && stream.current.text === text,
    isName: (text) => stream.current.type === 'name' && stream.current.text === text,
    skipOperator(text) {
      const found = stream.isOperator(text);
      if (found) index += 1;
      return found;
    },
    skipName(text) {
      const found = stream.isName(text);
      if (found) index += 1;
      return found;
    },
    expectOperator(text) {
      if (!stream.isOperator(text)) throw stream.unexpected(text);
      return stream.next();
    },
    expectName(text) {
      if (stream.current.type !== 'name' || (text !== undefined && stream.current.text !== text))
        throw stream.unexpected(text ?? 'a name');
      return stream.next();
    },
    expect(type, name) {
      if (stream.current.type !== type) throw stream.unexpected(name);
      return stream.next();
    },
    unexpected(wanted) {
      const { type, text, start } = stream.current;
      const line = source.lastIndexOf('\n', start - 1) + 1;
      const at = source.slice(Math.max(line, start - 40), start + text.length).trim();
      const found = type === 'data' ? 'text' : text;
      return new TemplateSyntaxError(`expected ${wanted}, found ${found}`, { at });
    },
    nested(parse) {
      depth += 1;
      if (depth > MAX_DEPTH) throw new TemplateSyntaxError(`is nested more than ${MAX_DEPTH} levels deep`);
      try {
        return parse();
      } finally {
        depth -= 1;
      }
    },
  };
  return stream;
}
