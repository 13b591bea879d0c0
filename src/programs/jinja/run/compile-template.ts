/** Compiles the statements of a template. */

import { iterate, listOf } from '../../python/iterate.ts';
import { str } from '../../python/print.ts';
import { failed, misused, PyError } from '../../python/py-error.ts';
import { isTrue, orElse, type PyObject, Undefined, type Value } from '../../python/values.ts';
import { Namespace } from '../library/functions.ts';
import type { CallExpression, Expression, Signature, Statement, Target } from '../syntax/nodes.ts';
import { namesIn } from '../syntax/walk.ts';
import { compileExpression, type Evaluate } from './compile-expression.ts';
import { Loop } from './loop.ts';
import { Macro, nested } from './macro.ts';
import { Output } from './output.ts';
import type { Scope } from './scope.ts';

/** `{% abort %}`: the customer is excluded. */
export class Aborted extends Error {}

export type Execute = (scope: Scope, output: Output) => void;

export function compileStatements(statements: readonly Statement[], source: string): Execute {
  const steps = statements.map((statement) => compileStatement(statement, source));
  return (scope, output) => {
    for (const step of steps) step(scope, output);
  };
}

function compileStatement(statement: Statement, source: string): Execute {
  const evaluate = (node: Expression) => compileExpression(node, source);
  const body = (statements: readonly Statement[]) => compileStatements(statements, source);
  switch (statement.kind) {
    case 'data': {
      const { text } = statement;
      return (_, output) => output.write(text);
    }
    case 'print': {
      const print = compilePrint(statement.value, source);
      return (scope, output) => output.write(print(scope));
    }
    case 'abort': {
      const { reason } = statement;
      return () => {
        throw new Aborted(reason);
      };
    }
    case 'if': {
      const branches = statement.branches.map(
        ({ condition, body: then }) => [evaluate(condition), body(then)] as const,
      );
      const otherwise = body(statement.otherwise);
      return (scope, output) => {
        for (const [condition, then] of branches) if (isTrue(condition(scope))) return then(scope, output);
        return otherwise(scope, output);
      };
    }
    case 'for':
      return compileFor(statement, source);
    case 'set': {
      const value = evaluate(statement.value);
      const { target } = statement;
      return (scope) => assign(target, value(scope), scope);
    }
    case 'set-block': {
      const inside = body(statement.body);
      const filter = statement.filter && evaluate(statement.filter);
      const { target } = statement;
      return (scope) => {
        const captured = capture(inside, scope.inner());
        assign(target, filter === undefined ? captured : filtered(filter, captured, scope), scope);
      };
    }
    case 'filter-block': {
      const inside = body(statement.body);
      const filter = evaluate(statement.filter);
      return (scope, output) => {
        const result = filtered(filter, capture(inside, scope.inner()), scope);
        output.write(str(result, scope.run.meter));
      };
    }
    case 'with': {
      const variables = statement.variables.map(({ target, value }) => [target, evaluate(value)] as const);
      const inside = body(statement.body);
      return (scope, output) => {
        const inner = scope.inner();
        for (const [target, value] of variables) assign(target, value(scope), inner);
        inside(inner, output);
      };
    }
    case 'macro': {
      const make = compileMacro(statement.name, statement.signature, statement.body, source);
      return (scope) => scope.set(statement.name, make(scope));
    }
    case 'call-block': {
      const make = compileMacro('caller', statement.signature, statement.body, source);
      const call = evaluate(withCaller(statement.call));
      return (scope, output) => {
        const inner = scope.inner();
        inner.set(CALLER, make(scope));
        output.write(str(call(inner), scope.run.meter));
      };
    }
  }
}

/** Compiles what `{{ }}` prints; an absent value is named by its source. */
export function compilePrint(node: Expression, source: string): (scope: Scope) => string {
  const value = compileExpression(node, source);
  return (scope) => {
    scope.run.meter.spend(1);
    try {
      return str(value(scope), scope.run.meter);
    } catch (error) {
      if (error instanceof PyError) error.at ??= source.slice(node.start, node.end);
      throw error;
    }
  };
}

/** The variable that holds the body of a `{% call %}`; no name of a template can be equal. */
const CALLER = ' caller';

function withCaller(node: CallExpression): CallExpression {
  const value: Expression = { kind: 'name', name: CALLER, start: node.start, end: node.end };
  return { ...node, call: { ...node.call, named: [...node.call.named, { name: 'caller', value }] } };
}

function capture(body: Execute, scope: Scope): string {
  const output = new Output();
  body(scope, output);
  return output.text;
}

/** Filters of blocks read what they filter from a variable without a name. */
function filtered(filter: Evaluate, text: string, scope: Scope): Value {
  const inner = scope.inner();
  inner.set('', text);
  return filter(inner);
}

function assign(target: Target, value: Value, scope: Scope): void {
  switch (target.kind) {
    case 'name':
      return scope.set(target.name, value);
    case 'member': {
      const namespace = scope.get(target.namespace);
      if (!(namespace instanceof Namespace))
        throw misused(
          `${target.namespace}.${target.name} cannot be set: only a namespace() has such members`,
        );
      return namespace.members.set(target.name, value);
    }
    case 'tuple': {
      const { meter } = scope.run;
      const values = listOf(value, meter);
      if (values.length !== target.items.length)
        throw failed(`${target.items.length} names are set, but there are ${values.length} values`);
      for (const [index, item] of target.items.entries()) assign(item, values[index] ?? null, scope);
    }
  }
}

function compileFor(statement: Extract<Statement, { kind: 'for' }>, source: string): Execute {
  const { target, isRecursive } = statement;
  const iterable = compileExpression(statement.iterable, source);
  const condition = statement.condition && compileExpression(statement.condition, source);
  const body = compileStatements(statement.body, source);
  const otherwise = compileStatements(statement.otherwise, source);
  const location = source.slice(statement.iterable.start, statement.iterable.end);

  const itemsFor = (given: Value, scope: Scope): Value[] => {
    const items: Value[] = [];
    for (const item of iterate(given, scope.run.meter)) {
      if (condition !== undefined) {
        const inner = scope.inner();
        assign(target, item, inner);
        if (!isTrue(condition(inner))) continue;
      }
      items.push(item);
    }
    return items;
  };

  const run = (given: Value, depth: number, scope: Scope, output: Output): void => {
    const items = locate(location, () => itemsFor(given, scope));
    if (items.length === 0) return otherwise(scope.inner(), output);
    const recurse = (inner: Value, next: number) =>
      nested(scope.run.meter, () => capture((_, printed) => run(inner, next, scope, printed), scope));
    const loop = new Loop(items, depth, isRecursive ? recurse : undefined);
    for (const [index, item] of items.entries()) {
      loop.index0 = index;
      const inner = scope.inner();
      assign(target, item, inner);
      inner.set('loop', loop);
      scope.run.meter.spend(1);
      body(inner, output);
    }
  };
  return (scope, output) => run(iterable(scope), 0, scope, output);
}

function locate<T>(location: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PyError) error.at ??= location;
    throw error;
  }
}

function compileMacro(
  name: string,
  { parameters }: Signature,
  statements: readonly Statement[],
  source: string,
): (scope: Scope) => PyObject {
  const defaults = parameters.map(
    (parameter) => parameter.default && compileExpression(parameter.default, source),
  );
  const body = compileStatements(statements, source);
  const names = parameters.map((parameter) => parameter.name);
  const used = namesIn(statements);
  const extras = new Set(['varargs', 'kwargs', 'caller'].filter((extra) => used.has(extra)));
  return (scope) =>
    new Macro({
      name,
      parameters: names,
      extras,
      render(values) {
        const inner = scope.inner();
        for (const [parameter, value] of values) if (value !== undefined) inner.set(parameter, value);
        for (const [index, parameter] of names.entries()) {
          if (values.get(parameter) === undefined)
            inner.set(parameter, orElse(defaults[index]?.(inner), new Undefined(parameter)));
        }
        return capture(body, inner);
      },
    });
}
