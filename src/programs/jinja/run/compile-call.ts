/** Compiles calls of functions, methods and macros, and the arguments of filters and tests. */

import { NO_ARGS } from '../../python/arguments.ts';
import { iterate } from '../../python/iterate.ts';
import { failed, misused, PyError } from '../../python/py-error.ts';
import { type Args, kindOf, PyDict, PyObject, Undefined, type Value } from '../../python/values.ts';
import { unsupportedMethods } from '../refusals.ts';
import type { CallNode, Expression, Span } from '../syntax/nodes.ts';
import type { Scope } from './scope.ts';

type Compile = (node: Expression) => (scope: Scope) => Value;

/** Compiles arguments, with those of `*list` and `**dict`. */
export function compileArguments(call: CallNode, compile: Compile): (scope: Scope) => Args {
  const values = call.positional.map(compile);
  const names = call.named.map(({ name, value }) => [name, compile(value)] as const);
  const list = call.list && compile(call.list);
  const dict = call.dict && compile(call.dict);
  if (values.length + names.length === 0 && list === undefined && dict === undefined) return () => NO_ARGS;
  return (scope) => {
    const positional = values.map((value) => value(scope));
    if (list !== undefined) for (const item of iterate(list(scope), scope.run.meter)) positional.push(item);
    const named = new Map<string, Value>();
    const add = (name: string, value: Value) => {
      if (named.has(name)) throw misused(`the argument ${name} is given twice`);
      named.set(name, value);
    };
    for (const [name, value] of names) add(name, value(scope));
    if (dict !== undefined) addMembers(dict(scope), add);
    return { positional, named };
  };
}

function addMembers(given: Value, add: (name: string, value: Value) => void): void {
  if (!(given instanceof PyDict)) throw failed(`** needs a dict, not ${kindOf(given)}`);
  for (const [name, value] of given.entries()) {
    if (typeof name !== 'string') throw failed('** needs a dict whose keys are texts');
    add(name, value);
  }
}

export function compileCall(
  { callee, call }: Extract<Expression, { kind: 'call' }>,
  compile: Compile,
  textAt: (span: Span) => string,
): (scope: Scope) => Value {
  const called = compile(callee);
  const args = compileArguments(call, compile);
  const source = textAt(callee);
  return (scope) => {
    const target = called(scope);
    if (target instanceof Undefined) throw unknownCallee(callee, source);
    if (!(target instanceof PyObject)) throw failed(`${source} cannot be called: it is ${kindOf(target)}`);
    return target.call(args(scope), scope.run.meter);
  };
}

function unknownCallee(callee: Expression, source: string): PyError {
  if (callee.kind === 'name') return new PyError('unknown', `unknown function ${source}`);
  if (callee.kind !== 'attribute') return new PyError('absent', 'undefined value', source);
  const { name } = callee;
  const advice = unsupportedMethods[name];
  if (advice !== undefined) return misused(`the method ${name} is not supported: ${advice}`);
  return failed(`the value has no method ${name}`);
}
