/** Finds what passbridge does not support in a template, whatever its data: the programs file is refused then. */

import { lazyFilters } from './library/lazy-filters.ts';
import { unsupportedFilters, unsupportedGlobals, unsupportedMethods } from './refusals.ts';
import type { Expression, Statement } from './syntax/nodes.ts';
import { expressionsOf, visitExpressions, visitStatements } from './syntax/walk.ts';

/** Returns a sentence, without a location, for each part that is not supported. */
export function unsupportedIn(statements: readonly Statement[]): string[] {
  const problems = new Set<string>();
  const add = (problem: string | undefined) => problem !== undefined && problems.add(problem);
  visitStatements(statements, (statement) => {
    if (statement.kind === 'print') add(unprintable(statement.value));
    for (const expression of expressionsOf(statement))
      visitExpressions(expression, (node) => add(unsupported(node)));
  });
  return [...problems];
}

function unsupported(node: Expression): string | undefined {
  if (node.kind === 'filter') return refusal('filter', node.name, unsupportedFilters);
  if (node.kind === 'name') return refusal('function', node.name, unsupportedGlobals);
  if (node.kind === 'call' && node.callee.kind === 'attribute')
    return refusal('method', node.callee.name, unsupportedMethods);
  if (node.kind === 'binary' && node.operator === '**' && !isWholeLiteral(node.right))
    return '** needs an exponent that is known: write a whole number, e.g. customer.points ** 2';
  return node.kind === 'concat'
    ? node.parts.map(unprintable).find((problem) => problem !== undefined)
    : undefined;
}

function refusal(kind: string, name: string, table: Readonly<Record<string, string>>): string | undefined {
  const advice = Object.hasOwn(table, name) ? table[name] : undefined;
  return advice === undefined ? undefined : `the ${kind} ${name} is not supported: ${advice}`;
}

/** A power of a fraction may be no real number. */
function isWholeLiteral(node: Expression): boolean {
  if (node.kind === 'unary') return node.operator !== 'not' && isWholeLiteral(node.operand);
  return node.kind === 'constant' && typeof node.value === 'bigint';
}

/** Python prints a generator as its address in memory. */
function unprintable(node: Expression): string | undefined {
  if (node.kind === 'filter' && node.name === 'reverse')
    return 'the result of reverse cannot be printed: add | list or | join for a list; for a text, write text[::-1]';
  if (node.kind === 'filter' && Object.hasOwn(lazyFilters, node.name))
    return `the result of ${node.name} cannot be printed: add | list, or | join to make a text of it`;
  return node.kind === 'choice'
    ? (unprintable(node.chosen) ?? (node.otherwise && unprintable(node.otherwise)))
    : undefined;
}
