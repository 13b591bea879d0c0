/** Compiles expressions to functions, which are several times faster than walking the nodes again and again. */

import { calculate, sign } from '../../python/arithmetic.ts';
import { equals, isOrdered } from '../../python/compare.ts';
import { contains } from '../../python/iterate.ts';
import { itemOf, memberOf } from '../../python/lookup.ts';
import { formatPercent } from '../../python/percent-format.ts';
import { str } from '../../python/print.ts';
import { failed, PyError } from '../../python/py-error.ts';
import { sliceOf } from '../../python/subscript.ts';
import {
  orElse,
  isNumber,
  isTrue,
  PyDict,
  PyTuple,
  textOf,
  Undefined,
  type Value,
} from '../../python/values.ts';
import type { Comparison, Expression, Span } from '../syntax/nodes.ts';
import { compileArguments, compileCall } from './compile-call.ts';
import type { Scope } from './scope.ts';

export type Evaluate = (scope: Scope) => Value;

/** Compiles expressions of one source. */
export function compileExpression(node: Expression, source: string): Evaluate {
  const compile = (inner: Expression) => compileExpression(inner, source);
  const textAt = ({ start, end }: Span) => source.slice(start, end);
  const evaluate = compileNode(node, compile, textAt);
  if (node.kind === 'constant' || node.kind === 'name') return evaluate;
  return (scope) => {
    scope.run.meter.spend(1);
    try {
      return evaluate(scope);
    } catch (error) {
      if (error instanceof PyError) error.at ??= textAt(node);
      throw error;
    }
  };
}

function compileNode(
  node: Expression,
  compile: (node: Expression) => Evaluate,
  textAt: (span: Span) => string,
): Evaluate {
  switch (node.kind) {
    case 'constant': {
      const { value } = node;
      return () => value;
    }
    case 'name': {
      const { name } = node;
      return (scope) => orElse(scope.get(name), new Undefined(name));
    }
    case 'list':
    case 'tuple': {
      const items = node.items.map(compile);
      const isList = node.kind === 'list';
      return (scope) => {
        const values = items.map((item) => item(scope));
        return isList ? values : new PyTuple(values);
      };
    }
    case 'dict': {
      const entries = node.entries.map(({ key, value }) => [compile(key), compile(value)] as const);
      return (scope) => new PyDict(entries.map(([key, value]) => [key(scope), value(scope)]));
    }
    case 'unary': {
      const operand = compile(node.operand);
      const { operator } = node;
      if (operator === 'not') return (scope) => !isTrue(operand(scope));
      return (scope) => sign(operator, operand(scope));
    }
    case 'binary': {
      const [left, right] = [compile(node.left), compile(node.right)];
      const { operator } = node;
      return (scope) => {
        const { meter } = scope.run;
        const first = left(scope);
        const second = right(scope);
        if (operator === '%' && typeof first === 'string') return formatPercent(first, second, meter);
        return calculate(operator, first, second, meter);
      };
    }
    case 'concat': {
      const parts = node.parts.map(compile);
      return (scope) => {
        const { meter } = scope.run;
        const texts = parts.map((part) => str(part(scope), meter));
        meter.text(texts.reduce((sum, { length }) => sum + length, 0));
        return texts.join('');
      };
    }
    case 'compare':
      return compileComparison(node, compile, textAt);
    case 'and':
    case 'or': {
      const [left, right] = [compile(node.left), compile(node.right)];
      const stopsAt = node.kind === 'or';
      return (scope) => {
        const first = left(scope);
        return isTrue(first) === stopsAt ? first : right(scope);
      };
    }
    case 'choice': {
      const [condition, chosen] = [compile(node.condition), compile(node.chosen)];
      const otherwise = node.otherwise === undefined ? () => new Undefined() : compile(node.otherwise);
      return (scope) => (isTrue(condition(scope)) ? chosen(scope) : otherwise(scope));
    }
    case 'filter':
    case 'test': {
      const piped = node.kind === 'filter' ? node.piped : node.tested;
      const input = piped === undefined ? (scope: Scope) => orElse(scope.get(''), '') : compile(piped);
      const args = compileArguments(node.call, compile);
      const { kind, name } = node;
      return (scope) => {
        const { run } = scope;
        const known = kind === 'filter' ? run.library.filters.get(name) : run.library.tests.get(name);
        if (known === undefined) throw new PyError('unknown', `unknown ${kind} ${name}`);
        return known(input(scope), args(scope), run);
      };
    }
    case 'attribute': {
      const of = compile(node.of);
      const { name } = node;
      const text = textAt(node);
      return (scope) => memberOf(of(scope), name, text, scope.run.meter);
    }
    case 'item': {
      const [of, key] = [compile(node.of), compile(node.key)];
      const text = textAt(node);
      return (scope) => itemOf(of(scope), key(scope), text, scope.run.meter);
    }
    case 'slice': {
      const of = compile(node.of);
      const [start, stop, step] = node.bounds.map((bound) => bound && compile(bound));
      return (scope) =>
        sliceOf(
          of(scope),
          { start: start?.(scope) ?? null, stop: stop?.(scope) ?? null, step: step?.(scope) ?? null },
          scope.run.meter,
        );
    }
    case 'call':
      return compileCall(node, compile, textAt);
  }
}

function compileComparison(
  { first, others }: Extract<Expression, { kind: 'compare' }>,
  compile: (node: Expression) => Evaluate,
  textAt: (span: Span) => string,
): Evaluate {
  const start = compile(first);
  const steps = others.map(({ operator, operand }, index) => ({
    operator,
    operand: compile(operand),
    sources: [textAt(others[index - 1]?.operand ?? first), textAt(operand)] as const,
  }));
  return (scope) => {
    let left = start(scope);
    for (const { operator, operand, sources } of steps) {
      const right = operand(scope);
      if (!holds(operator, left, right, sources, scope)) return false;
      left = right;
    }
    return true;
  };
}

function holds(
  operator: Comparison,
  left: Value,
  right: Value,
  sources: readonly [string, string],
  { run: { meter } }: Scope,
): boolean {
  switch (operator) {
    case '==':
      return equals(left, right, meter);
    case '!=':
      return !equals(left, right, meter);
    case 'in':
      return contains(right, left, meter);
    case 'not in':
      return !contains(right, left, meter);
    case '<':
    case '<=':
    case '>':
    case '>=':
      for (const [index, [side, other]] of (
        [
          [left, right],
          [right, left],
        ] as const
      ).entries())
        if (textOf(side) !== undefined && isNumber(other)) throw textWithNumber(sources[index] ?? '');
      return isOrdered(operator, left, right, meter);
  }
}

/** Cells of an export are texts, even if they hold a number. */
function textWithNumber(source: string): PyError {
  const operand = /^[\w.[\]'"]+$/.test(source) ? source : `(${source})`;
  return failed(
    `${source} is a text and cannot be compared with a number: write ${operand} | int, or | float`,
  );
}
