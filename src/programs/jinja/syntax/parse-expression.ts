/** Parses expressions, in the order of precedence that Jinja2 has. */

import type { Operator } from '../../python/arithmetic.ts';
import { MAX_DIGITS } from '../../python/meter.ts';
import type { CallNode, Comparison, Expression } from './nodes.ts';
import { parseCall, parseItem, parseItems } from './parse-brackets.ts';
import { readString } from './string-literal.ts';
import { TemplateSyntaxError } from './syntax-error.ts';
import type { TokenStream } from './token-stream.ts';

/** `{{ a, b }}` and the like: a tuple if there is a comma. */
export function parseTuple(
  stream: TokenStream,
  {
    withChoice = true,
    mayBeEmpty = false,
    endsAt,
  }: { withChoice?: boolean; mayBeEmpty?: boolean; endsAt?: string } = {},
): Expression {
  const { start } = stream.current;
  const items: Expression[] = [];
  let isTuple = false;
  const isEnd = () =>
    ['end-print', 'end-statement', 'end'].includes(stream.current.type) ||
    stream.isOperator(')') ||
    (endsAt !== undefined && stream.isName(endsAt));
  while (!isEnd()) {
    items.push(withChoice ? parseExpression(stream) : parseOr(stream));
    if (!stream.skipOperator(',')) break;
    isTuple = true;
  }
  const [only] = items;
  if (!isTuple && only !== undefined) return only;
  if (items.length === 0 && !mayBeEmpty) throw stream.unexpected('an expression');
  return { kind: 'tuple', items, start, end: stream.before };
}

export function parseExpression(stream: TokenStream): Expression {
  return stream.nested(() => {
    const { start } = stream.current;
    let chosen = parseOr(stream);
    while (stream.skipName('if')) {
      const condition = parseOr(stream);
      const otherwise = stream.skipName('else') ? parseExpression(stream) : undefined;
      chosen = {
        kind: 'choice',
        condition,
        chosen,
        ...(otherwise && { otherwise }),
        start,
        end: stream.before,
      };
    }
    return chosen;
  });
}

/** Operators in a row nest to the left, so each of them is a level. */
const MAX_CHAIN = 200;

/** Parses operands of the same precedence, from left to right. */
function chain(
  stream: TokenStream,
  parseOperand: () => Expression,
  combine: (left: Expression, start: number) => Expression | undefined,
): Expression {
  const { start } = stream.current;
  let left = parseOperand();
  for (let length = 0; ; length += 1) {
    const next = combine(left, start);
    if (next === undefined) return left;
    if (length >= MAX_CHAIN)
      throw new TemplateSyntaxError(
        `has more than ${MAX_CHAIN} operators in a row: use {% set %} for a part of it`,
      );
    left = next;
  }
}

function parseOr(stream: TokenStream): Expression {
  return chain(
    stream,
    () => parseAnd(stream),
    (left, start) => {
      if (!stream.skipName('or')) return undefined;
      const right = parseAnd(stream);
      return { kind: 'or', left, right, start, end: stream.before };
    },
  );
}

function parseAnd(stream: TokenStream): Expression {
  return chain(
    stream,
    () => parseNot(stream),
    (left, start) => {
      if (!stream.skipName('and')) return undefined;
      const right = parseNot(stream);
      return { kind: 'and', left, right, start, end: stream.before };
    },
  );
}

function parseNot(stream: TokenStream): Expression {
  const { start } = stream.current;
  if (!stream.skipName('not')) return parseCompare(stream);
  const operand = stream.nested(() => parseNot(stream));
  return { kind: 'unary', operator: 'not', operand, start, end: stream.before };
}

const COMPARISONS = new Set<string>(['==', '!=', '<', '<=', '>', '>=']);

function parseCompare(stream: TokenStream): Expression {
  const { start } = stream.current;
  const first = parseSum(stream);
  const others: { operator: Comparison; operand: Expression }[] = [];
  for (;;) {
    const operator = readComparison(stream);
    if (operator === undefined) break;
    others.push({ operator, operand: parseSum(stream) });
  }
  return others.length === 0 ? first : { kind: 'compare', first, others, start, end: stream.before };
}

function readComparison(stream: TokenStream): Comparison | undefined {
  if (stream.current.type === 'operator' && COMPARISONS.has(stream.current.text))
    return stream.next().text as Comparison;
  if (stream.skipName('in')) return 'in';
  if (!stream.isName('not') || stream.ahead.type !== 'name' || stream.ahead.text !== 'in') return undefined;
  stream.next();
  stream.next();
  return 'not in';
}

function parseBinary(
  stream: TokenStream,
  operators: readonly Operator[],
  parseOperand: () => Expression,
): Expression {
  return chain(stream, parseOperand, (left, start) => {
    const operator = operators.find((each) => stream.isOperator(each));
    if (operator === undefined) return undefined;
    stream.next();
    const right = parseOperand();
    return { kind: 'binary', operator, left, right, start, end: stream.before };
  });
}

function parseSum(stream: TokenStream): Expression {
  return parseBinary(stream, ['+', '-'], () => parseConcat(stream));
}

function parseConcat(stream: TokenStream): Expression {
  const { start } = stream.current;
  const parts = [parseProduct(stream)];
  while (stream.skipOperator('~')) parts.push(parseProduct(stream));
  const [only] = parts;
  return parts.length === 1 && only !== undefined
    ? only
    : { kind: 'concat', parts, start, end: stream.before };
}

function parseProduct(stream: TokenStream): Expression {
  return parseBinary(stream, ['*', '/', '//', '%'], () => parsePower(stream));
}

/** Unlike in Python, powers nest to the left. */
function parsePower(stream: TokenStream): Expression {
  return parseBinary(stream, ['**'], () => parseUnary(stream, true));
}

function parseUnary(stream: TokenStream, withFilters: boolean): Expression {
  const { start } = stream.current;
  const operator = (['-', '+'] as const).find((each) => stream.isOperator(each));
  let node: Expression;
  if (operator === undefined) node = parsePrimary(stream);
  else {
    stream.next();
    const operand = stream.nested(() => parseUnary(stream, false));
    node = { kind: 'unary', operator, operand, start, end: stream.before };
  }
  const subject = parsePostfix(stream, node);
  return withFilters ? parseFilters(stream, subject) : subject;
}

const CONSTANTS: Readonly<Record<string, boolean | null>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

/** Returns whether a name is a constant, which cannot be assigned to. */
export function isConstantName(name: string): boolean {
  return Object.hasOwn(CONSTANTS, name);
}

function parsePrimary(stream: TokenStream): Expression {
  const { type, text, start } = stream.current;
  const done = () => ({ start, end: stream.before });
  if (type === 'name') {
    stream.next();
    const constant = Object.hasOwn(CONSTANTS, text) ? CONSTANTS[text] : undefined;
    if (constant !== undefined) return { kind: 'constant', value: constant, ...done() };
    if (/^\p{N}/u.test(text))
      throw new TemplateSyntaxError('a name must not start with a digit', { at: text });
    return { kind: 'name', name: text, ...done() };
  }
  if (type === 'string') {
    const pieces: string[] = [];
    while (stream.current.type === 'string') pieces.push(readString(stream.next().text));
    return { kind: 'constant', value: pieces.join(''), ...done() };
  }
  if (type === 'integer' || type === 'float') {
    if (text.length > MAX_DIGITS)
      throw new TemplateSyntaxError(`a number has more than ${MAX_DIGITS} digits`);
    const digits = stream.next().text.replaceAll('_', '');
    return { kind: 'constant', value: type === 'integer' ? BigInt(digits) : Number(digits), ...done() };
  }
  if (type !== 'operator') throw stream.unexpected('an expression');
  if (text === '(') {
    stream.next();
    const inner = stream.nested(() => parseTuple(stream, { mayBeEmpty: true }));
    stream.expectOperator(')');
    return inner;
  }
  if (text === '[') {
    const items = parseItems(stream, ']', () => parseExpression(stream));
    return { kind: 'list', items, ...done() };
  }
  if (text === '{') {
    const entries = parseItems(stream, '}', () => {
      const key = parseExpression(stream);
      stream.expectOperator(':');
      return { key, value: parseExpression(stream) };
    });
    return { kind: 'dict', entries, ...done() };
  }
  throw stream.unexpected('an expression');
}

function parsePostfix(stream: TokenStream, subject: Expression): Expression {
  return chain(
    stream,
    () => subject,
    (of) => {
      const { start } = of;
      if (stream.isOperator('(')) {
        const call = parseCall(stream, parseExpression);
        return { kind: 'call', callee: of, call, start, end: stream.before };
      }
      if (stream.skipOperator('.')) return parseMember(stream, of);
      return stream.isOperator('[') ? parseItem(stream, of, parseExpression) : undefined;
    },
  );
}

function parseMember(stream: TokenStream, of: Expression): Expression {
  const { type, text, start } = stream.next();
  const span = { start: of.start, end: stream.before };
  if (type === 'name') return { kind: 'attribute', of, name: text, ...span };
  if (type !== 'integer') throw new TemplateSyntaxError('expected a name after the point', { at: text });
  const key: Expression = {
    kind: 'constant',
    value: BigInt(text.replaceAll('_', '')),
    start,
    end: stream.before,
  };
  return { kind: 'item', of, key, ...span };
}

/** Filters, tests and calls after an operand. */
function parseFilters(stream: TokenStream, subject: Expression): Expression {
  return chain(
    stream,
    () => subject,
    (of) => {
      const { start } = of;
      if (stream.skipOperator('|')) return parseFilter(stream, of);
      if (stream.skipName('is')) return parseTest(stream, of);
      if (!stream.isOperator('(')) return undefined;
      const call = parseCall(stream, parseExpression);
      return { kind: 'call', callee: of, call, start, end: stream.before };
    },
  );
}

/** Parses the name and the arguments of a filter; `piped` is absent in `{% filter %}`. */
export function parseFilter(stream: TokenStream, piped: Expression | undefined): Expression {
  const { start } = stream.current;
  const name = parseDotted(stream);
  const call = stream.isOperator('(') ? parseCall(stream, parseExpression) : NO_CALL;
  return {
    kind: 'filter',
    name,
    ...(piped && { piped }),
    call,
    start: piped?.start ?? start,
    end: stream.before,
  };
}

function parseDotted(stream: TokenStream): string {
  let name = stream.expectName().text;
  while (stream.skipOperator('.')) name += `.${stream.expectName().text}`;
  return name;
}

const NO_CALL: CallNode = { positional: [], named: [] };

function parseTest(stream: TokenStream, tested: Expression): Expression {
  const isNegated = stream.skipName('not');
  const name = parseDotted(stream);
  const span = () => ({ start: tested.start, end: stream.before });
  let call = NO_CALL;
  if (stream.isOperator('(')) call = parseCall(stream, parseExpression);
  else if (startsArgument(stream)) {
    if (stream.isName('is'))
      throw new TemplateSyntaxError('two tests with is cannot follow each other: join them by and');
    call = { positional: [parsePostfix(stream, parsePrimary(stream))], named: [] };
  }
  const test: Expression = { kind: 'test', name, tested, call, ...span() };
  return isNegated ? { kind: 'unary', operator: 'not', operand: test, ...span() } : test;
}

/** `x is divisibleby 3`: an argument without parentheses. */
function startsArgument(stream: TokenStream): boolean {
  const { type, text } = stream.current;
  if (type === 'name') return !['else', 'or', 'and'].includes(text);
  return ['string', 'integer', 'float'].includes(type) || (type === 'operator' && '[{'.includes(text));
}
