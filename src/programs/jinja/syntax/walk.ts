/** Walks over the nodes of a template. */

import type { CallNode, Expression, Statement } from './nodes.ts';

/** Returns the expressions directly inside of an expression. */
export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'constant':
    case 'name':
      return [];
    case 'list':
    case 'tuple':
      return node.items;
    case 'dict':
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case 'unary':
      return [node.operand];
    case 'binary':
    case 'and':
    case 'or':
      return [node.left, node.right];
    case 'concat':
      return node.parts;
    case 'compare':
      return [node.first, ...node.others.map(({ operand }) => operand)];
    case 'choice':
      return [node.condition, node.chosen, ...(node.otherwise ? [node.otherwise] : [])];
    case 'filter':
      return [...(node.piped ? [node.piped] : []), ...argumentsOf(node.call)];
    case 'test':
      return [node.tested, ...argumentsOf(node.call)];
    case 'attribute':
      return [node.of];
    case 'item':
      return [node.of, node.key];
    case 'slice':
      return [node.of, ...node.bounds.filter((bound) => bound !== undefined)];
    case 'call':
      return [node.callee, ...argumentsOf(node.call)];
  }
}

function argumentsOf({ positional, named, list, dict }: CallNode): Expression[] {
  return [
    ...positional,
    ...named.map(({ value }) => value),
    ...(list ? [list] : []),
    ...(dict ? [dict] : []),
  ];
}

/** Returns the expressions directly inside of a statement. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case 'data':
    case 'abort':
      return [];
    case 'print':
    case 'set':
      return [statement.value];
    case 'for':
      return [statement.iterable, ...(statement.condition ? [statement.condition] : [])];
    case 'if':
      return statement.branches.map(({ condition }) => condition);
    case 'set-block':
      return statement.filter ? [statement.filter] : [];
    case 'filter-block':
      return [statement.filter];
    case 'macro':
      return statement.signature.parameters.flatMap((parameter) => parameter.default ?? []);
    case 'call-block':
      return [
        statement.call,
        ...statement.signature.parameters.flatMap((parameter) => parameter.default ?? []),
      ];
    case 'with':
      return statement.variables.map(({ value }) => value);
  }
}

/** Returns the blocks inside of a statement. */
export function blocksOf(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.kind) {
    case 'data':
    case 'abort':
    case 'print':
    case 'set':
      return [];
    case 'if':
      return [...statement.branches.map(({ body }) => body), statement.otherwise];
    case 'for':
      return [statement.body, statement.otherwise];
    case 'set-block':
    case 'filter-block':
    case 'macro':
    case 'call-block':
    case 'with':
      return [statement.body];
  }
}

/** Calls a function for each statement, outer ones first; `depth` counts the blocks around it. */
export function visitStatements(
  statements: readonly Statement[],
  visit: (statement: Statement, depth: number) => void,
  depth = 0,
): void {
  for (const statement of statements) {
    visit(statement, depth);
    for (const block of blocksOf(statement)) visitStatements(block, visit, depth + 1);
  }
}

/** Calls a function for an expression and all inside of it, outer ones first. */
export function visitExpressions(node: Expression, visit: (node: Expression) => void): void {
  visit(node);
  for (const child of childrenOf(node)) visitExpressions(child, visit);
}

/** Returns all names that statements read. */
export function namesIn(statements: readonly Statement[]): Set<string> {
  const names = new Set<string>();
  visitStatements(statements, (statement) => {
    for (const expression of expressionsOf(statement)) {
      visitExpressions(expression, (node) => {
        if (node.kind === 'name') names.add(node.name);
      });
    }
  });
  return names;
}
