/**
 * Renders all leaves of a body, each in the cheapest way that its source allows: plain references are
 * resolved without the engine, leaves that depend only on time and text are cached, and the rest is
 * joined into one template, because each call of the engine has a fixed cost.
 */

import { randomUUID } from 'node:crypto';
import type { Json, TemplateContext } from '../../domain/jobs/program.ts';
import { isObject } from '../../kit/is-object.ts';
import type { Renderer } from '../jinja/renderer.ts';
import { soleExpression } from '../jinja/tags.ts';
import { parsePrinted, type CompiledLeaf } from './leaf.ts';
import { makePicker } from './pick-values.ts';

/** Returns the values of leaves in order; undefined if the leaves must be rendered one by one. */
export type RenderLeaves = (context: TemplateContext) => readonly Json[] | undefined;

/** Some of the leaves of a body, and the function that renders them. */
interface Group {
  leaves: readonly CompiledLeaf[];
  render: RenderLeaves;
}

/** Returns undefined for a context in which a leaf fails: rendering the leaves one by one names it. */
export function renderLeaves(renderer: Renderer, leaves: readonly CompiledLeaf[]): RenderLeaves {
  const lookups = new Map(leaves.map((leaf) => [leaf, plainLookup(leaf.source)]));
  const plain = leaves.filter((leaf) => lookups.get(leaf) !== undefined);
  const others = leaves.filter((leaf) => !plain.includes(leaf));
  const shared = others.filter(isSameForAll);
  const personal = others.filter((leaf) => !isSameForAll(leaf));

  const cached = { leaves: shared, render: cacheLast(joinLeaves(renderer, shared)) };
  const direct = {
    leaves: plain,
    render: (context: TemplateContext) => allDefined(plain, (leaf) => lookups.get(leaf)?.(context)),
  };
  const fast = combine(leaves, [direct, cached, joined(renderer, personal)]);
  // The engine knows values that a lookup leaves to it.
  const slow = combine(leaves, [cached, joined(renderer, [...plain, ...personal])]);
  return (context) => fast(context) ?? slow(context);
}

function joined(renderer: Renderer, leaves: readonly CompiledLeaf[]): Group {
  return { leaves, render: joinLeaves(renderer, leaves) };
}

/** Joins leaves into one template, each in its own scope. */
function joinLeaves(renderer: Renderer, leaves: readonly CompiledLeaf[]): RenderLeaves {
  if (leaves.length === 0) return () => [];
  const pick = makePicker(leaves.flatMap((leaf) => leaf.references));
  // Random, so that no value contains it.
  const separator = `\u001E${randomUUID()}\u001E`;
  const compiled = renderer.compile(leaves.map((leaf) => leaf.wrapped).join(separator));
  // Leaves that are valid alone may clash when joined, e.g. two blocks of one name.
  if (!compiled.ok) return () => undefined;
  return (context) => {
    if (leaves.some((leaf) => leaf.findMissing(context) !== undefined)) return undefined;
    const picked = pick(context);
    const result = picked.ok ? compiled.template.render(picked.values) : picked;
    const printed = result.ok ? result.text.split(separator) : [];
    return printed.length === leaves.length ? printed.map(parsePrinted) : undefined;
  };
}

/**
 * Returns whether a leaf depends only on the time and the campaign's text. The guide's
 * `changeMessage` does, and takes longer to render than all other leaves together.
 */
function isSameForAll({ references }: CompiledLeaf): boolean {
  return references.every(({ root }) => root === 'time' || root === 'text');
}

/** Renders again only if the time or the text differs from the last call. */
function cacheLast(render: RenderLeaves): RenderLeaves {
  let last: { time: number; text: string | undefined; values: readonly Json[] | undefined } | undefined;
  return (context) => {
    const { time, text } = context;
    if (last?.time !== time || last.text !== text) last = { time, text, values: render(context) };
    return last.values;
  };
}

/** Puts the values of groups that hold each leaf once into the order of the leaves. */
function combine(leaves: readonly CompiledLeaf[], groups: readonly Group[]): RenderLeaves {
  const indexes = groups.map((group) => group.leaves.map((leaf) => leaves.indexOf(leaf)));
  return (context) => {
    const values: Json[] = Array.from({ length: leaves.length }, () => null);
    for (const [nth, group] of groups.entries()) {
      const found = group.render(context);
      if (found === undefined) return undefined;
      indexes[nth]?.forEach((index, at) => (values[index] = found[at] ?? null));
    }
    return values;
  };
}

/** Returns undefined as soon as one value is. */
function allDefined<T>(items: readonly T[], valueOf: (item: T) => Json | undefined): Json[] | undefined {
  const values: Json[] = [];
  for (const item of items) {
    const value = valueOf(item);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** Returns the leaf's value as the engine would render it; undefined if the engine must decide. */
type Lookup = (context: TemplateContext) => Json | undefined;

const PLAIN = /^(?:customer|customer_ids|webhook)(?:\.[A-Za-z_]\w*)+$|^(?:time|text|voucher)$/;

/** `{{ customer.email | default('') }}` */
const PLAIN_OR_EMPTY = /^(customer(?:_ids)?\.[A-Za-z_]\w*)\s*\|\s*default\((?:''|"")\)$/;

/**
 * Returns the lookup of a leaf that is only a reference, `{{ customer.first_name }}`, as most leaves
 * are; otherwise undefined.
 */
export function plainLookup(source: string): Lookup | undefined {
  const expression = soleExpression(source) ?? '';
  const orEmpty = PLAIN_OR_EMPTY.exec(expression)?.[1];
  if (orEmpty === undefined && !PLAIN.test(expression)) return undefined;
  const path = (orEmpty ?? expression).split('.');
  return (context) => {
    const value = memberAt(path, context) ?? (orEmpty === undefined ? undefined : '');
    return isUnchangedByEngine(value) ? value : undefined;
  };
}

function memberAt(path: readonly string[], context: TemplateContext): unknown {
  let value: unknown = context;
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** Of large whole numbers the engine keeps digits that JavaScript loses. */
function isUnchangedByEngine(value: unknown): value is string | number | boolean {
  if (typeof value !== 'number') return typeof value === 'string' || typeof value === 'boolean';
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
