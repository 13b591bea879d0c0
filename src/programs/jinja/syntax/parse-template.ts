/** Parses templates: text, printed expressions and statements. */

import { unsupportedStatement } from '../refusals.ts';
import type { Expression, Signature, Statement, Target } from './nodes.ts';
import { isConstantName, parseExpression, parseFilter, parseTuple } from './parse-expression.ts';
import { readString } from './string-literal.ts';
import { TemplateSyntaxError } from './syntax-error.ts';
import { streamOf, type TokenStream } from './token-stream.ts';

/** Returns the statements of a template. Throws a {@link TemplateSyntaxError}. */
export function parseTemplate(source: string): Statement[] {
  const stream = streamOf(source);
  const body = parseBody(stream, []);
  if (stream.current.type !== 'end') throw stream.unexpected('the end of the text');
  return body;
}

/** Parses up to one of the statements that end a block, whose name is left to read. */
function parseBody(stream: TokenStream, ends: readonly string[]): Statement[] {
  return stream.nested(() => {
    const body: Statement[] = [];
    for (;;) {
      const { type, text } = stream.current;
      if (type === 'end') {
        if (ends.length > 0) throw new TemplateSyntaxError(`a block is not closed: add {% ${ends.at(-1)} %}`);
        return body;
      }
      stream.next();
      if (type === 'data') body.push({ kind: 'data', text });
      else if (type === 'print') {
        body.push({ kind: 'print', value: parseTuple(stream) });
        stream.expect('end-print', '}}');
      } else {
        if (ends.some((end) => stream.isName(end))) return body;
        body.push(...parseStatement(stream));
        stream.expect('end-statement', '%}');
      }
    }
  });
}

/** Parses a block and the statement that ends it, up to its `%}`. */
function parseBlock(stream: TokenStream, end: string): Statement[] {
  stream.expect('end-statement', '%}');
  const body = parseBody(stream, [end]);
  stream.expectName(end);
  return body;
}

function parseStatement(stream: TokenStream): Statement[] {
  const { text } = stream.expectName();
  switch (text) {
    case 'for':
      return [parseFor(stream)];
    case 'if':
      return [parseIf(stream)];
    case 'set':
      return [parseSet(stream)];
    case 'with':
      return [parseWith(stream)];
    case 'macro': {
      const name = parseName(stream);
      const signature = parseSignature(stream);
      return [{ kind: 'macro', name, signature, body: parseBlock(stream, 'endmacro') }];
    }
    case 'call': {
      const signature = stream.isOperator('(') ? parseSignature(stream) : { parameters: [] };
      const call = parseExpression(stream);
      if (call.kind !== 'call') throw new TemplateSyntaxError('{% call %} needs the call of a macro');
      return [{ kind: 'call-block', signature, call, body: parseBlock(stream, 'endcall') }];
    }
    case 'filter': {
      const filter = parseFilters(stream);
      return [{ kind: 'filter-block', filter, body: parseBlock(stream, 'endfilter') }];
    }
    case 'print':
      return parsePrint(stream);
    case 'abort':
      return [{ kind: 'abort', reason: parseReason(stream) }];
    default:
      throw unsupportedStatement(text);
  }
}

/** `{% filter upper | trim %}` */
function parseFilters(stream: TokenStream): Expression {
  let filter = parseFilter(stream, undefined);
  while (stream.skipOperator('|')) filter = parseFilter(stream, filter);
  return filter;
}

function parsePrint(stream: TokenStream): Statement[] {
  const statements: Statement[] = [];
  while (stream.current.type !== 'end-statement') {
    if (statements.length > 0) stream.expectOperator(',');
    statements.push({ kind: 'print', value: parseExpression(stream) });
  }
  return statements;
}

/** Bloomreach's `{% abort %}` and `{% abort: "reason" %}`. */
function parseReason(stream: TokenStream): string {
  stream.skipOperator(':');
  return stream.current.type === 'string' ? readString(stream.next().text) : '';
}

function parseFor(stream: TokenStream): Statement {
  const target = parseTarget(stream, { mayBeMember: false });
  stream.expectName('in');
  const iterable = parseTuple(stream, { withChoice: false, endsAt: 'recursive' });
  const condition = stream.skipName('if') ? parseExpression(stream) : undefined;
  const isRecursive = stream.skipName('recursive');
  stream.expect('end-statement', '%}');
  const body = parseBody(stream, ['endfor', 'else']);
  const hasElse = stream.skipName('else');
  const otherwise = hasElse ? parseBlock(stream, 'endfor') : [];
  if (!hasElse) stream.expectName('endfor');
  return { kind: 'for', target, iterable, ...(condition && { condition }), isRecursive, body, otherwise };
}

function parseIf(stream: TokenStream): Statement {
  const branches: { condition: Expression; body: Statement[] }[] = [];
  for (;;) {
    const condition = parseTuple(stream, { withChoice: false });
    stream.expect('end-statement', '%}');
    branches.push({ condition, body: parseBody(stream, ['elif', 'else', 'endif']) });
    if (stream.skipName('elif')) continue;
    const hasElse = stream.skipName('else');
    const otherwise = hasElse ? parseBlock(stream, 'endif') : [];
    if (!hasElse) stream.expectName('endif');
    return { kind: 'if', branches, otherwise };
  }
}

function parseSet(stream: TokenStream): Statement {
  const target = parseTarget(stream, { mayBeMember: true });
  if (stream.skipOperator('=')) return { kind: 'set', target, value: parseTuple(stream) };
  const filter = stream.skipOperator('|') ? parseFilters(stream) : undefined;
  return { kind: 'set-block', target, ...(filter && { filter }), body: parseBlock(stream, 'endset') };
}

function parseWith(stream: TokenStream): Statement {
  const variables: { target: Target; value: Expression }[] = [];
  while (stream.current.type !== 'end-statement') {
    if (variables.length > 0) stream.expectOperator(',');
    const target = parseTarget(stream, { mayBeMember: false });
    stream.expectOperator('=');
    variables.push({ target, value: parseExpression(stream) });
  }
  return { kind: 'with', variables, body: parseBlock(stream, 'endwith') };
}

function parseTarget(stream: TokenStream, { mayBeMember }: { mayBeMember: boolean }): Target {
  const items: Target[] = [];
  let isTuple = false;
  while (stream.current.type === 'name' ? !stream.isName('in') : stream.isOperator('(')) {
    items.push(parseTargetItem(stream, mayBeMember));
    if (!stream.skipOperator(',')) break;
    isTuple = true;
  }
  const [only] = items;
  if (only === undefined) throw stream.unexpected('a name');
  return isTuple ? { kind: 'tuple', items } : only;
}

function parseTargetItem(stream: TokenStream, mayBeMember: boolean): Target {
  if (stream.skipOperator('(')) {
    const inner = stream.nested(() => parseTarget(stream, { mayBeMember }));
    stream.expectOperator(')');
    return inner;
  }
  const name = parseName(stream);
  if (!mayBeMember || !stream.skipOperator('.')) return { kind: 'name', name };
  return { kind: 'member', namespace: name, name: stream.expectName().text };
}

function parseName(stream: TokenStream): string {
  const { text } = stream.expectName();
  if (isConstantName(text)) throw new TemplateSyntaxError(`${text} cannot be assigned to`, { at: text });
  return text;
}

function parseSignature(stream: TokenStream): Signature {
  const parameters: { name: string; default?: Expression }[] = [];
  stream.expectOperator('(');
  while (!stream.isOperator(')')) {
    if (parameters.length > 0) stream.expectOperator(',');
    const name = parseName(stream);
    if (stream.skipOperator('=')) parameters.push({ name, default: parseExpression(stream) });
    else if (parameters.at(-1)?.default !== undefined)
      throw new TemplateSyntaxError(`${name} needs a default, because the parameter before it has one`);
    else parameters.push({ name });
  }
  stream.expectOperator(')');
  return { parameters };
}
