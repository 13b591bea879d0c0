/** Compiles the rules by which operators edit failed jobs. A rule is bounded in steps and size. */

import { type EditJob, type EditRule, withAttributes } from '../../domain/failures/edit-rule.ts';
import { type Json, whyUnrendered } from '../../domain/jobs/program.ts';
import { makeLru } from '../../kit/lru.ts';
import { programRenderer } from '../jinja/dialects.ts';
import { compileTemplate } from './template.ts';

export type CompiledRule =
  | { ok: true; edit: EditJob }
  /** Sentences without a location. */
  | { ok: false; problems: string[] };

/** Characters of a template, of an attribute's name and of the values as JSON: all are stored with each job. */
const MAX_TEMPLATE_LENGTH = 2000;
const MAX_NAME_LENGTH = 200;
const MAX_VALUES_LENGTH = 10_000;

/** Compiled rules kept: those of the running bulk actions and of recent previews. */
const MAX_CACHED = 50;

const cache = makeLru<string, CompiledRule>(MAX_CACHED);

/** Compiles a rule, or returns it from the cache. */
export function compileRule(rule: EditRule): CompiledRule {
  const key = JSON.stringify(rule);
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const compiled = compile(rule);
  cache.set(key, compiled);
  return compiled;
}

function compile(rule: EditRule): CompiledRule {
  const names = 'values' in rule ? Object.keys(rule.values) : [rule.attribute];
  if (names.length === 0) return refuse('The rule changes nothing. Name an attribute to change.');
  if (names.some((name) => name === '' || name.length > MAX_NAME_LENGTH)) {
    return refuse(`The name of an attribute must have 1 to ${MAX_NAME_LENGTH} characters.`);
  }
  if ('values' in rule) {
    const tooLong = sizeProblem(rule.values);
    return tooLong === undefined
      ? { ok: true, edit: (job) => withAttributes(job, rule.values) }
      : refuse(tooLong);
  }

  const { attribute, template: source } = rule;
  if (source.length > MAX_TEMPLATE_LENGTH) {
    return refuse(
      `The template has ${source.length} characters; at most ${MAX_TEMPLATE_LENGTH} are allowed.`,
    );
  }
  const compiled = compileTemplate({
    renderer: programRenderer,
    section: attribute,
    body: source,
    extras: [],
    whenAbsent: 'fail',
  });
  if (!compiled.ok) return { ok: false, problems: compiled.problems.map(({ problem }) => problem) };
  const { template } = compiled;
  return {
    ok: true,
    edit(job, time) {
      const { attributes, ids } = job.customer;
      const rendered = template.render({ customer: attributes, customer_ids: ids, time });
      if (!rendered.ok) return { ok: false, problem: whyUnrendered(rendered) };
      const values = { [attribute]: rendered.body };
      const tooLong = sizeProblem(values);
      return tooLong === undefined ? withAttributes(job, values) : { ok: false, problem: tooLong };
    },
  };
}

function sizeProblem(values: Readonly<Record<string, Json>>): string | undefined {
  const { length } = JSON.stringify(values);
  return length > MAX_VALUES_LENGTH
    ? `The values have ${length} characters; at most ${MAX_VALUES_LENGTH} are allowed.`
    : undefined;
}

function refuse(problem: string): CompiledRule {
  return { ok: false, problems: [problem] };
}
