/**
 * Finds attributes whose bare value decides something: `{% if customer.consent %}`. In an export of text every value
 * but an empty one is true, `false` and `0` included.
 */

import type { Expression, Statement } from './syntax/nodes.ts';
import { parseTemplate } from './syntax/parse-template.ts';
import { childrenOf, expressionsOf, visitStatements } from './syntax/walk.ts';

/** Returns the names of the attributes that a source without syntax errors tests as true or false, each once. */
export function truthTestsIn(source: string): string[] {
  const search: Search = { aliases: new Map(), found: new Set() };
  visitStatements(parseTemplate(source), (statement) => {
    const tested = conditionsOf(statement);
    for (const expression of expressionsOf(statement)) visit(expression, tested.includes(expression), search);
    if (statement.kind !== 'set' || statement.target.kind !== 'name') return;
    const attribute = attributeIn(statement.value, search);
    if (attribute !== undefined) search.aliases.set(statement.target.name, attribute);
  });
  return [...search.found];
}

interface Search {
  /** Variables that are set to an attribute as it is: `{% set consent = customer.consent %}`. */
  aliases: Map<string, string>;
  found: Set<string>;
}

function conditionsOf(statement: Statement): readonly Expression[] {
  if (statement.kind === 'if') return statement.branches.map(({ condition }) => condition);
  return statement.kind === 'for' && statement.condition !== undefined ? [statement.condition] : [];
}

function visit(node: Expression, isTested: boolean, search: Search): void {
  const attribute = isTested ? attributeIn(node, search) : undefined;
  if (attribute !== undefined) search.found.add(attribute);
  for (const child of childrenOf(node)) visit(child, isTestedIn(node, child, isTested), search);
}

/** `a or b` tests `a`, and `b` only if the whole is tested. */
function isTestedIn(node: Expression, child: Expression, isTested: boolean): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      return child === node.left || isTested;
    case 'choice':
      return child === node.condition || isTested;
    case 'unary':
      return node.operator === 'not';
    case 'constant':
    case 'name':
    case 'list':
    case 'tuple':
    case 'dict':
    case 'binary':
    case 'concat':
    case 'compare':
    case 'filter':
    case 'test':
    case 'attribute':
    case 'item':
    case 'slice':
    case 'call':
      return false;
  }
}

/** Filters after which the text `false` is still a text that is not empty. */
const KEEPS_TEXT = new Set('default d trim lower upper capitalize title string'.split(' '));

/** Returns the attribute that an expression is, with filters that leave text as text. */
function attributeIn(node: Expression, search: Search): string | undefined {
  if (node.kind === 'name') return search.aliases.get(node.name);
  if (node.kind === 'filter')
    return node.piped !== undefined && KEEPS_TEXT.has(node.name)
      ? attributeIn(node.piped, search)
      : undefined;
  if ((node.kind !== 'attribute' && node.kind !== 'item') || !isCustomer(node.of)) return undefined;
  if (node.kind === 'attribute') return node.name;
  return node.key.kind === 'constant' && typeof node.key.value === 'string' ? node.key.value : undefined;
}

function isCustomer(node: Expression): boolean {
  return node.kind === 'name' && node.name === 'customer';
}
