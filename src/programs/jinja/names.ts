/** Finds the names that a template uses: variables, filters and tests. */

import type { Expression, Statement, Target } from './syntax/nodes.ts';
import { parseTemplate } from './syntax/parse-template.ts';
import { childrenOf, expressionsOf, visitExpressions, visitStatements } from './syntax/walk.ts';

/** One use of a variable that the template does not set itself: `customer.address.city`. */
export interface Reference {
  /** The variable, e.g. `customer`. */
  root: string;
  /** The members read from it, e.g. `['address', 'city']`, up to the first one that is computed or called. */
  path: readonly string[];
  /**
   * Whether the template always needs the value: the reference is outside of all blocks, in an
   * expression without comparison, condition or default.
   */
  unconditional: boolean;
}

export interface Names {
  references: readonly Reference[];
  filters: ReadonlySet<string>;
  tests: ReadonlySet<string>;
  /** Whether the template contains `{% abort %}`. */
  aborts: boolean;
}

/** Variables that blocks of Jinja set. */
const IMPLICIT = ['loop', 'caller', 'varargs', 'kwargs'];

/** Returns the names used in a source without syntax errors. */
export function parseNames(source: string): Names {
  return findNames(parseTemplate(source));
}

export function findNames(statements: readonly Statement[]): Names {
  const found: Finding = { references: [], filters: new Set(), tests: new Set() };
  const declared = new Set(IMPLICIT);
  let aborts = false;
  visitStatements(statements, (statement) => {
    aborts ||= statement.kind === 'abort';
    for (const name of declaredBy(statement)) declared.add(name);
  });
  visitStatements(statements, (statement, depth) => {
    const isPlain = statement.kind === 'print' || statement.kind === 'set';
    for (const expression of expressionsOf(statement)) {
      // An abort may exclude the customer before the value is needed.
      const unconditional = !aborts && depth === 0 && isPlain && !hasLogic(expression);
      collect(expression, unconditional, found);
    }
  });
  const references = found.references.filter(({ root }) => !declared.has(root));
  return { references, filters: found.filters, tests: found.tests, aborts };
}

interface Finding {
  references: Reference[];
  filters: Set<string>;
  tests: Set<string>;
}

function collect(node: Expression, unconditional: boolean, found: Finding): void {
  const path = pathOf(node);
  if (path !== undefined) {
    const [root = '', ...members] = path;
    found.references.push({ root, path: members, unconditional });
    return;
  }
  // A method is no member: `customer.name.upper()` reads `customer.name`.
  const isMethod = node.kind === 'call' && node.callee.kind === 'attribute';
  const children = childrenOf(node).map((child) =>
    isMethod && child === node.callee ? childOf(child) : child,
  );
  for (const child of children) collect(child, unconditional, found);
  if (node.kind === 'filter') found.filters.add(node.name);
  if (node.kind === 'test') found.tests.add(node.name);
}

function childOf(node: Expression): Expression {
  return node.kind === 'attribute' ? node.of : node;
}

/** Returns the variable and the members of `a.b["c"]`; undefined for another expression. */
function pathOf(node: Expression): string[] | undefined {
  if (node.kind === 'name') return [node.name];
  if (node.kind !== 'attribute' && node.kind !== 'item') return undefined;
  const before = pathOf(node.of);
  if (before === undefined) return undefined;
  if (node.kind === 'attribute') return [...before, node.name];
  return node.key.kind === 'constant' && typeof node.key.value === 'string'
    ? [...before, node.key.value]
    : undefined;
}

const CONDITIONAL_FILTERS = new Set(['default', 'd', 'select']);

function hasLogic(expression: Expression): boolean {
  let found = false;
  visitExpressions(expression, (node) => {
    found ||=
      ['and', 'or', 'choice', 'compare', 'test'].includes(node.kind) ||
      (node.kind === 'unary' && node.operator === 'not') ||
      (node.kind === 'filter' && CONDITIONAL_FILTERS.has(node.name));
  });
  return found;
}

/** Returns the names that a statement declares: `set` targets, loop variables, parameters. */
function declaredBy(statement: Statement): string[] {
  switch (statement.kind) {
    case 'set':
    case 'set-block':
    case 'for':
      return namesOf(statement.target);
    case 'with':
      return statement.variables.flatMap(({ target }) => namesOf(target));
    case 'macro':
      return [statement.name, ...statement.signature.parameters.map(({ name }) => name)];
    case 'call-block':
      return statement.signature.parameters.map(({ name }) => name);
    case 'data':
    case 'print':
    case 'abort':
    case 'if':
    case 'filter-block':
      return [];
  }
}

function namesOf(target: Target): string[] {
  if (target.kind === 'name') return [target.name];
  return target.kind === 'tuple' ? target.items.flatMap(namesOf) : [];
}
