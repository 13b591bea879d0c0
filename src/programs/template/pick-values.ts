/**
 * Turns the values that a template refers to into those of the interpreter; doing so with all of them would take longer
 * than rendering. Null counts as absent, as in Bloomreach. A customer's attributes may have any size, so it is bounded.
 */

import type { TemplateContext } from '../../domain/jobs/program.ts';
import type { Fault } from '../jinja/fault.ts';
import type { Reference } from '../jinja/names.ts';
import { scalarValue } from '../python/json.ts';
import { PyDict, type Value } from '../python/values.ts';

/** The variables for the interpreter, or why they are refused. */
export type Picked = { ok: true; values: Map<string, Value> } | { ok: false; fault: Fault };

export type PickValues = (context: TemplateContext) => Picked;

/** Size of all values of a render: their characters, and 20 for each value. Ten times as much as any card needs. */
const MAX_SIZE = 1_000_000;
const VALUE_SIZE = 20;

/** Levels of nesting. The interpreter recurses. */
const MAX_DEPTH = 100;

/** Makes the function that picks the values of these references. */
export function makePicker(references: readonly Reference[]): PickValues {
  const roots = new Set(references.map(({ root }) => root));
  const attributes = attributesIn(references);
  const needsAll = references.some(({ root, path }) => root === 'customer' && path.length === 0);
  return (context) => {
    const copy = makeCopier();
    const values = new Map<string, Value>([['time', scalarValue(context.time)]]);
    for (const root of ['customer_ids', 'webhook'] as const) {
      if (roots.has(root) && context[root] !== undefined) values.set(root, copy.value(root, context[root]));
    }
    for (const root of ['text', 'voucher'] as const) {
      if (context[root] !== undefined) values.set(root, copy.value(root, context[root]));
    }
    if (roots.has('customer')) {
      const names = needsAll ? Object.keys(context.customer) : attributes;
      values.set('customer', pickAttributes(context.customer, names, copy));
    }
    const fault = copy.fault();
    return fault === undefined ? { ok: true, values } : { ok: false, fault };
  };
}

/** Returns the names of the customer attributes mentioned, each once. */
export function attributesIn(references: readonly Reference[]): string[] {
  const names = references.filter(({ root }) => root === 'customer').map(({ path }) => path[0]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

function pickAttributes(
  attributes: TemplateContext['customer'],
  names: readonly string[],
  copy: Copier,
): PyDict {
  const present = names.filter(
    (name) => Object.hasOwn(attributes, name) && (attributes[name] ?? null) !== null,
  );
  return new PyDict(present.map((name) => [name, copy.value(`customer.${name}`, attributes[name])] as const));
}

interface Copier {
  /** Returns a copy without members that are null, at any depth; something smaller once the limit is exceeded. */
  value(name: string, given: unknown): Value;
  /** Names the value that exceeded the limit. */
  fault(): Fault | undefined;
}

function makeCopier(): Copier {
  let left = MAX_SIZE;
  let problem: Pick<Fault, 'message'> | undefined;

  const copyAny = (given: unknown, depth: number): Value => {
    left -= VALUE_SIZE + (typeof given === 'string' ? given.length : 0);
    if (left < 0)
      problem ??= {
        message: `is too large for a template: all values together may have ${MAX_SIZE} characters`,
      };
    if (depth > MAX_DEPTH) problem ??= { message: `is nested more than ${MAX_DEPTH} levels deep` };
    if (problem !== undefined) return null;
    if (typeof given !== 'object' || given === null) return scalarValue(given);
    return Array.isArray(given) ? copyItems(given, depth) : copyMembers(given, depth);
  };

  const copyItems = (given: readonly unknown[], depth: number): Value[] => {
    const items: Value[] = [];
    for (const item of given) {
      if (problem !== undefined) break;
      items.push(copyAny(item, depth + 1));
    }
    return items;
  };

  const copyMembers = (given: object, depth: number): PyDict => {
    const members = new PyDict();
    for (const [name, member] of Object.entries(given)) {
      if (problem !== undefined) break;
      left -= name.length;
      if (member !== null && member !== undefined) members.set(name, copyAny(member, depth + 1));
    }
    return members;
  };

  let at: string | undefined;
  return {
    value(name, given) {
      const copied = copyAny(given, 0);
      if (problem !== undefined) at ??= name;
      return copied;
    },
    fault: () => (problem === undefined || at === undefined ? undefined : { kind: 'limit', ...problem, at }),
  };
}
