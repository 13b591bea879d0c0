/** Parses the contents of brackets: arguments, indexes and items. */

import type { CallNode, Expression } from './nodes.ts';
import type { TokenStream } from './token-stream.ts';

/** Parses an expression; passed in, because expressions and brackets contain each other. */
export type ParseExpression = (stream: TokenStream) => Expression;

/** Parses items up to the closing bracket; a comma may stand after the last. */
export function parseItems<T>(stream: TokenStream, close: string, parse: () => T): T[] {
  const items: T[] = [];
  stream.next();
  while (!stream.isOperator(close)) {
    if (items.length > 0) stream.expectOperator(',');
    if (stream.isOperator(close)) break;
    items.push(parse());
  }
  stream.next();
  return items;
}

/** Parses `[key]`, `[a, b]` or `[start:stop:step]` of an expression. */
export function parseItem(stream: TokenStream, of: Expression, parseExpression: ParseExpression): Expression {
  const { start } = stream.next();
  const bounds: (Expression | undefined)[] = [];
  const isBoundEnd = () => stream.isOperator(':') || stream.isOperator(']');
  bounds.push(isBoundEnd() ? undefined : parseExpression(stream));
  while (bounds.length < 3 && stream.skipOperator(':'))
    bounds.push(isBoundEnd() ? undefined : parseExpression(stream));
  const [key] = bounds;
  if (bounds.length > 1) {
    stream.expectOperator(']');
    return { kind: 'slice', of, bounds, start: of.start, end: stream.before };
  }
  if (key === undefined) throw stream.unexpected('an index');
  if (!stream.isOperator(',')) {
    stream.expectOperator(']');
    return { kind: 'item', of, key, start: of.start, end: stream.before };
  }
  const items = [key];
  while (stream.skipOperator(',')) if (!stream.isOperator(']')) items.push(parseExpression(stream));
  stream.expectOperator(']');
  const tuple: Expression = { kind: 'tuple', items, start: start + 1, end: stream.before - 1 };
  return { kind: 'item', of, key: tuple, start: of.start, end: stream.before };
}

/** Parses the arguments of a call. */
export function parseCall(stream: TokenStream, parseExpression: ParseExpression): CallNode {
  return stream.nested(() => {
    stream.expectOperator('(');
    const positional: Expression[] = [];
    const named: { name: string; value: Expression }[] = [];
    let list: Expression | undefined;
    let dict: Expression | undefined;
    const ensure = (isValid: boolean) => {
      if (!isValid) throw stream.unexpected('arguments in the order: values, name=value, *list, **dict');
    };
    for (let isFirst = true; !stream.isOperator(')'); isFirst = false) {
      if (!isFirst) stream.expectOperator(',');
      if (stream.isOperator(')')) break;
      if (stream.skipOperator('*')) {
        ensure(list === undefined && dict === undefined);
        list = parseExpression(stream);
      } else if (stream.skipOperator('**')) {
        ensure(dict === undefined);
        dict = parseExpression(stream);
      } else if (
        stream.current.type === 'name' &&
        stream.ahead.type === 'operator' &&
        stream.ahead.text === '='
      ) {
        ensure(dict === undefined);
        const name = stream.next().text;
        stream.next();
        named.push({ name, value: parseExpression(stream) });
      } else {
        ensure(list === undefined && dict === undefined && named.length === 0);
        positional.push(parseExpression(stream));
      }
    }
    stream.expectOperator(')');
    return { positional, named, ...(list && { list }), ...(dict && { dict }) };
  });
}
