/** Splits the source of a template into tokens, in one pass. */

import { isSpace, strip } from '../../python/code-points.ts';
import { TemplateSyntaxError } from './syntax-error.ts';

export type TokenType =
  | 'data'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  /** `{{` and `}}`, `{%` and `%}`. */
  | 'print'
  | 'end-print'
  | 'statement'
  | 'end-statement'
  | 'end';

export interface Token {
  type: TokenType;
  text: string;
  /** Offsets in the source, `end` exclusive. */
  start: number;
  end: number;
}

/** Returns whether the source is more than plain text. */
export function hasTags(source: string): boolean {
  return /\{[{%#]/.test(source);
}

const OPENING = /\{[{%#]/g;
const RAW_START = /\{%[-+]?\s*raw\s*(-?)%\}/y;
const RAW_END = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;

/** Returns the tokens of a template; ends with a token of type `end`. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  /** Whether the tag before removed the white space after it. */
  let trimsNext = false;
  const addData = (end: number, trimsEnd: boolean) => {
    let text = source.slice(at, end);
    if (trimsNext) text = strip(text, 'left');
    if (trimsEnd) text = strip(text, 'right');
    if (text !== '') tokens.push({ type: 'data', text, start: at, end });
  };
  for (;;) {
    OPENING.lastIndex = at;
    const open = OPENING.exec(source);
    if (open === null) break;
    const start = open.index;
    const mark = source.charAt(start + 2);
    addData(start, mark === '-');
    RAW_START.lastIndex = start;
    const raw = open[0] === '{%' ? RAW_START.exec(source) : null;
    if (raw !== null) {
      const inside = start + raw[0].length;
      RAW_END.lastIndex = inside;
      const close = RAW_END.exec(source);
      if (close === null) throw new TemplateSyntaxError('a raw block is not closed: add {% endraw %}');
      at = inside;
      trimsNext = raw[1] === '-';
      addData(close.index, close[1] === '-');
      trimsNext = close[2] === '-';
      at = RAW_END.lastIndex;
      continue;
    }
    if (open[0] === '{#') {
      const close = source.indexOf('#}', start + 2);
      if (close === -1) throw new TemplateSyntaxError('a comment is not closed: add #}');
      trimsNext = source.charAt(close - 1) === '-' && close - 1 > start + 1;
      at = close + 2;
      continue;
    }
    const inside = start + 2 + (mark === '-' || mark === '+' ? 1 : 0);
    const isPrint = open[0] === '{{';
    tokens.push({ type: isPrint ? 'print' : 'statement', text: open[0], start, end: inside });
    const close = readTag(source, inside, isPrint, tokens);
    trimsNext = close.trims;
    at = close.end;
  }
  addData(source.length, false);
  tokens.push({ type: 'end', text: 'the end of the text', start: source.length, end: source.length });
  return tokens;
}

const NUMBER = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|\d+(?:_\d+)*/y;
const FRACTION = /(?:\.\d+(?:_\d+)*)?(?:[eE][-+]?\d+(?:_\d+)*)?/y;
const NAME = /[\p{L}\p{N}\p{M}\p{Pc}]+/uy;
const OPERATOR = /\*\*|\/\/|==|!=|<=|>=|[-+*/%~[\](){}<>=.:|,;]/y;

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Reads tokens up to the end of the tag, which is none inside of brackets. */
function readTag(
  source: string,
  from: number,
  isPrint: boolean,
  tokens: Token[],
): { end: number; trims: boolean } {
  const close = isPrint ? '}}' : '%}';
  const brackets: string[] = [];
  let at = from;
  for (;;) {
    while (at < source.length && isSpace(source.charAt(at))) at += 1;
    if (at >= source.length) throw new TemplateSyntaxError(`a tag is not closed: add ${close}`);
    if (brackets.length === 0) {
      const trim = source.charAt(at);
      const hasTrim = (trim === '-' || (trim === '+' && !isPrint)) && source.startsWith(close, at + 1);
      if (hasTrim || source.startsWith(close, at)) {
        const end = at + (hasTrim ? 3 : 2);
        tokens.push({
          type: isPrint ? 'end-print' : 'end-statement',
          text: source.slice(at, end),
          start: at,
          end,
        });
        return { end, trims: hasTrim && trim === '-' };
      }
    }
    const token = readToken(source, at, tokens.at(-1)?.text === '.');
    tokens.push(token);
    at = token.end;
    if (token.type !== 'operator') continue;
    const closing = CLOSING[token.text];
    if (closing !== undefined) brackets.push(closing);
    else if (')]}'.includes(token.text) && brackets.pop() !== token.text)
      throw new TemplateSyntaxError(`${token.text} closes nothing`, { at: source.slice(from, token.end) });
  }
}

function readToken(source: string, at: number, isAfterDot: boolean): Token {
  const character = source.charAt(at);
  if (character === '"' || character === "'") {
    const end = endOfString(character, source, at + 1);
    return { type: 'string', text: source.slice(at, end), start: at, end };
  }
  NUMBER.lastIndex = at;
  const number = NUMBER.exec(source)?.[0];
  if (number !== undefined) {
    FRACTION.lastIndex = at + number.length;
    const isDecimal = /^[\d_]+$/.test(number);
    const fraction = isDecimal && !isAfterDot ? (FRACTION.exec(source)?.[0] ?? '') : '';
    if (fraction === '' && /^0[\d_]*[1-9]/.test(number))
      throw new TemplateSyntaxError('a whole number must not start with 0', { at: number });
    const text = number + fraction;
    return { type: fraction === '' ? 'integer' : 'float', text, start: at, end: at + text.length };
  }
  NAME.lastIndex = at;
  const name = NAME.exec(source)?.[0];
  if (name !== undefined) return { type: 'name', text: name, start: at, end: at + name.length };
  OPERATOR.lastIndex = at;
  const operator = OPERATOR.exec(source)?.[0];
  if (operator !== undefined)
    return { type: 'operator', text: operator, start: at, end: at + operator.length };
  throw new TemplateSyntaxError(`${character} has no meaning inside of a tag`, { at: character });
}

function endOfString(quote: string, source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (character === quote) return at + 1;
    if (character === '\\') at += 1;
  }
  throw new TemplateSyntaxError(`a string is not closed: add ${quote}`);
}
