/**
 * Finds faults in leaves when the programs file is loaded, rather than once per customer: unknown
 * names, and calls that fail for every sample customer.
 */

import type { Json, TemplateContext } from '../../domain/jobs/program.ts';
import { didYouMean } from '../../kit/did-you-mean.ts';
import type { Fault } from '../jinja/fault.ts';
import type { Names, Reference } from '../jinja/names.ts';
import { unsupportedFilters, unsupportedGlobals } from '../jinja/refusals.ts';
import { RENDER_BUDGET, type Renderer } from '../jinja/renderer.ts';
import type { CompiledLeaf } from './leaf.ts';
import { attributesIn } from './pick-values.ts';

const ROOTS = ['customer', 'customer_ids', 'time', 'text', 'webhook', 'voucher'];

const FUNCTIONS = ['change_message'];

/** Where the variables are defined that not all sections have. */
const SECTIONS_OF = {
  text: 'notify only',
  webhook: 'attributes only',
  voucher: 'create and attributes only, and only if the program has a file of codes (vouchers)',
} as const;

/** Returns a sentence for each name that the leaf uses and that is not defined in its section. */
export function unknownNames(renderer: Renderer, leaf: Names, extras: readonly string[]): string[] {
  const roots = [...new Set(leaf.references.map(({ root }) => root))].filter(
    (root) =>
      !ROOTS.includes(root) && !renderer.knows('global', root) && !Object.hasOwn(unsupportedGlobals, root),
  );
  const filters = [...leaf.filters].filter(
    (name) => !renderer.knows('filter', name) && !Object.hasOwn(unsupportedFilters, name),
  );
  const tests = [...leaf.tests].filter((name) => !renderer.knows('test', name));
  const undefinedHere = (['text', 'webhook', 'voucher'] as const).filter(
    (name) =>
      !extras.includes(name) &&
      leaf.references.some(({ root, unconditional }) => unconditional && root === name),
  );
  return [
    ...roots.map((name) => `unknown variable ${name}${didYouMean(name, [...ROOTS, ...FUNCTIONS])}`),
    ...filters.map((name) => `unknown filter ${name}${didYouMean(name, [...renderer.names('filter')])}`),
    ...tests.map((name) => `unknown test ${name}${didYouMean(name, [...renderer.names('test')])}`),
    ...undefinedHere.map((name) => `${name} is defined in ${SECTIONS_OF[name]}`),
  ];
}

const AS_COLUMN = 'Bloomreach computes it: add it to the export as a column, and write {{ customer.NAME }}';
const NO_JSON_FILTER = 'omit the filter: a value alone in its quotes keeps its type';

/** The nearest equivalents of names that exist in Bloomreach only. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  aggregates: AS_COLUMN,
  expressions: AS_COLUMN,
  segmentations: AS_COLUMN,
  predictions: AS_COLUMN,
  consents: AS_COLUMN,
  recommendations: AS_COLUMN,
  recommendation: AS_COLUMN,
  catalogs: AS_COLUMN,
  event: 'a campaign has no event: send its data as an attribute, {{ customer.NAME }}',
  vouchers: 'name a file of codes under vouchers in the program, and write {{ voucher }}',
  customers: 'passbridge makes one call per customer: write {{ customer.NAME }}',
  customer_id: 'write {{ customer_ids.registered }}',
  project: 'write the name out',
  scenario: 'write the name out',
  campaign: 'write the name out',
  action: 'write the name out',
  banner: 'write the name out',
  now: 'write {{ time }}, the current time in unix seconds',
  to_timestamp: 'export the attribute in unix seconds; {{ time }} is the current time',
  timestamp: "{{ time }} is the current time, and from_timestamp('%d-%m-%Y') formats it",
  strftime: "write from_timestamp('%d-%m-%Y'), which takes the directives of strftime",
  format_datetime: "write from_timestamp('%d-%m-%Y %H:%M')",
  format_date: "write from_timestamp('%d-%m-%Y')",
  format_time: "write from_timestamp('%H:%M')",
  datetimeformat: "write from_timestamp('%d-%m-%Y %H:%M')",
  to_json: NO_JSON_FILTER,
  json: NO_JSON_FILTER,
  tojson: NO_JSON_FILTER,
  sha256: "write hash('sha256')",
  md5: "write hash('md5')",
};

/** Adds to a problem the nearest equivalent of a name that exists in Bloomreach only. */
export function adviseEquivalent(problem: string): string {
  const name = /\bunknown (?:variable|filter|function|test|statement) `?(\w+)/.exec(problem)?.[1] ?? '';
  const advice = Object.hasOwn(EQUIVALENTS, name) ? EQUIVALENTS[name] : undefined;
  if (advice !== undefined) return `${problem.split(/, did you mean | \(at /, 1).join()}: ${advice}`;
  // In Bloomreach the webhook can be named: {{ webhook("create").data.id }}.
  return /webhook/.test(problem) && /call|function|method/.test(problem)
    ? `${problem}: there is only one webhook response, write {{ webhook.data.id }}`
    : problem;
}

/** Typical attribute values; most templates accept the first. */
const SAMPLES = ['1', 'a b', '2026-01-15', '{"a":"1"}', '["a"]', 1, ['a'], true];

/** 2026-01-15 12:00 UTC. */
const SAMPLE_TIME = 1_768_478_400;

/**
 * Work of a leaf on a sample customer: a twentieth of what a render may take, because real customers have longer
 * values, and a body has many leaves.
 */
const SAMPLE_BUDGET = RENDER_BUDGET / 20;

/** Work of finding the required attributes of a body: 100 ms at most. Bodies of 60 attributes take a tenth. */
const REQUIRED_BUDGET = 4 * RENDER_BUDGET;

const SAMPLE_RESPONSE: Json = {
  data: { id: 'sample', ro: { microsite: { url: 'https://example.com/card' } } },
};

/**
 * Renders a leaf for sample customers and returns a fault that every customer would meet. Samples prove
 * little about `customer.x | int`, so only faults that no data could cause count: misused calls, and too much work
 * for even one short value.
 */
export function faultsForAll(renderer: Renderer, leaf: CompiledLeaf, extras: readonly string[]): Fault[] {
  const dependsOnData = leaf.references.some(({ root }) => root !== 'time');
  const faults: Fault[] = [];
  for (const context of sampleContexts(leaf.references, extras)) {
    const result = renderer.within(SAMPLE_BUDGET, () => leaf.render(context));
    if (!result.ok && result.fault.kind === 'limit') return [result.fault];
    // Excluding a customer is a valid result.
    if (result.ok || result.fault.kind === 'aborted') return [];
    faults.push(result.fault);
  }
  return faults.filter(({ kind }) => !dependsOnData || kind === 'misused').slice(0, 1);
}

interface RequiredOptions {
  extras: readonly string[];
  whenAbsent: 'fail' | 'omit';
}

/**
 * Returns the attributes without which no render succeeds; rows, and whole files, that lack one are
 * rejected. An attribute that is needed only if another is set
 * (`{% if customer.vip %}{{ customer.vip_since }}{% endif %}`) is not among them.
 */
export function requiredAttributes(
  renderer: Renderer,
  leaves: readonly CompiledLeaf[],
  { extras, whenAbsent }: RequiredOptions,
): string[] {
  const references = leaves.flatMap((leaf) => leaf.references);
  const bySource = attributesIn(references.filter(({ unconditional }) => unconditional));
  let isOverBudget = false;
  const endOf = (leaf: CompiledLeaf, context: TemplateContext): 'renders' | 'aborts' | 'fails' => {
    const result = leaf.render(context);
    if (result.ok || (whenAbsent === 'omit' && result.fault.kind === 'absent')) return 'renders';
    isOverBudget ||= result.fault.kind === 'limit';
    return result.fault.kind === 'aborted' ? 'aborts' : 'fails';
  };
  return renderer.within(REQUIRED_BUDGET, () => {
    const contexts = sampleContexts(references, extras).filter((context) =>
      leaves.every((leaf) => endOf(leaf, context) === 'renders'),
    );
    // If no sample succeeds, the source alone must decide.
    if (contexts.length === 0) return bySource;
    const failsWithout = (names: readonly string[]) => {
      const affected = leaves.filter((leaf) =>
        attributesIn(leaf.references).some((name) => names.includes(name)),
      );
      return contexts.every((context) => {
        const without = { ...context, customer: omit(context.customer, names) };
        const ends = new Set(affected.map((leaf) => endOf(leaf, without)));
        // An excluded customer needs no attributes.
        return ends.has('fails') && !ends.has('aborts');
      });
    };
    const attributes = attributesIn(references);
    const required = attributes.filter((name) => failsWithout([name]));
    const optional = attributes.filter((name) => !required.includes(name));
    const always = required.filter((name) => failsWithout([...optional, name]));
    return isOverBudget ? bySource : always;
  });
}

function omit(
  attributes: TemplateContext['customer'],
  names: readonly string[],
): TemplateContext['customer'] {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
}

/** Returns a context per sample value, with a value for every reference. */
function sampleContexts(references: readonly Reference[], extras: readonly string[]): TemplateContext[] {
  return SAMPLES.map((sample) => {
    const context: TemplateContext = { customer: {}, customer_ids: {}, time: SAMPLE_TIME };
    if (extras.includes('text')) context.text = 'a b';
    if (extras.includes('voucher')) context.voucher = 'A1';
    if (extras.includes('webhook')) context.webhook = SAMPLE_RESPONSE;
    for (const { root, path } of references) {
      const [name, ...deeper] = path;
      if (name === undefined) continue;
      if (root === 'customer') context.customer = { ...context.customer, [name]: nest(deeper, sample) };
      if (root === 'customer_ids') context.customer_ids = { ...context.customer_ids, [name]: 'c-1' };
    }
    return context;
  });
}

function nest(path: readonly string[], sample: Json): Json {
  return path.reduceRight<Json>((inner, name) => ({ [name]: inner }), sample);
}
