/**
 * Renders templates with made-up customers, to learn what they cannot do without and what can never
 * work. Made-up data proves little about `customer.x | int`, so only faults that no data could
 * cause count as misuse.
 */

import type { Json, Template, TemplateContext } from '../../domain/jobs/program.ts';
import type { Fault } from '../jinja/fault.ts';
import type { Reference } from '../jinja/names.ts';
import type { CompiledLeaf } from './compiled-leaf.ts';
import { attributesIn } from './template-context.ts';

/** What attributes tend to look like; most templates get along with the first. */
const SAMPLES = ['1', 'a b', '2026-01-15', '{"a":"1"}', '["a"]', 1, ['a'], true];

/** 2026-01-15 12:00 UTC. */
const SAMPLE_TIME = 1_768_478_400;

const SAMPLE_ANSWER: Json = {
  data: { id: 'sample', ro: { microsite: { url: 'https://example.com/card' } } },
};

/** Faults of a leaf that would meet every customer alike. */
export function misusesOf(leaf: CompiledLeaf, extras: readonly string[]): Fault[] {
  const dependsOnData = leaf.references.some(({ root }) => root !== 'time');
  const faults: Fault[] = [];
  for (const context of sampleContexts(leaf.references, extras)) {
    const result = leaf.render(context);
    // Left out is left out: that is what the template is for.
    if (result.ok || result.fault.kind === 'aborted') return [];
    faults.push(result.fault);
  }
  return faults.filter(({ kind }) => !dependsOnData || kind === 'misused' || kind === 'limit').slice(0, 1);
}

/**
 * Attributes without which no render succeeds. One that only matters where another is there
 * (`{% if customer.vip %}{{ customer.vip_since }}{% endif %}`) is not among them: rows are rejected,
 * and whole files refused, for lack of these.
 */
export function needsOf(
  render: Template['render'],
  references: readonly Reference[],
  extras: readonly string[],
): string[] {
  const contexts = sampleContexts(references, extras).filter((context) => render(context).ok);
  // None of the samples suits: go by the source alone.
  if (contexts.length === 0) return attributesIn(references.filter(({ bare }) => bare));
  const failsWithout = (names: readonly string[]) =>
    contexts.every((context) => {
      const rendered = render({ ...context, customer: without(context.customer, names) });
      return !rendered.ok && !('aborted' in rendered);
    });
  const attributes = attributesIn(references);
  const missed = attributes.filter((name) => failsWithout([name]));
  const spared = attributes.filter((name) => !missed.includes(name));
  return missed.filter((name) => failsWithout([...spared, name]));
}

function without(
  attributes: TemplateContext['customer'],
  names: readonly string[],
): TemplateContext['customer'] {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
}

/** A customer per sample value, with everything that the references ask for. */
function sampleContexts(references: readonly Reference[], extras: readonly string[]): TemplateContext[] {
  return SAMPLES.map((sample) => {
    const context: TemplateContext = { customer: {}, customer_ids: {}, time: SAMPLE_TIME };
    if (extras.includes('text')) context.text = 'a b';
    if (extras.includes('voucher')) context.voucher = 'A1';
    if (extras.includes('webhook')) context.webhook = SAMPLE_ANSWER;
    for (const { root, path } of references) {
      const [name, ...deeper] = path;
      if (name === undefined) continue;
      if (root === 'customer') context.customer = { ...context.customer, [name]: nested(deeper, sample) };
      if (root === 'customer_ids') context.customer_ids = { ...context.customer_ids, [name]: 'c-1' };
    }
    return context;
  });
}

function nested(path: readonly string[], sample: Json): Json {
  return path.reduceRight<Json>((inner, name) => ({ [name]: inner }), sample);
}
