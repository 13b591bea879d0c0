/** A rule that an operator types to mend failed jobs, compiled with the engine of the templates: bounded in steps and size. */

import { type EditJob, type EditRule, withAttributes } from '../../domain/failures/edit-rule.ts';
import { type Json, whyUnrendered } from '../../domain/jobs/program.ts';
import { changeMessage } from '../jinja/change-message.ts';
import { makeFilters } from '../jinja/filters.ts';
import { makeRenderer, type Renderer } from '../jinja/renderer.ts';
import { compileTemplate } from './template.ts';

export type CompiledRule =
  | { ok: true; edit: EditJob }
  /** In sentences without a place. */
  | { ok: false; problems: string[] };

/** Characters of a template, of an attribute's name and of a value as JSON: each is kept with a job. */
const LONGEST_TEMPLATE = 2000;
const LONGEST_NAME = 200;
const LONGEST_VALUE = 10_000;

/** Makes a compiler for rules; each is compiled once. */
export function makeRuleCompiler(): (rule: EditRule) => CompiledRule {
  const renderer = makeRenderer({ filters: makeFilters(), functions: { change_message: changeMessage } });
  const compiled = new Map<string, CompiledRule>();
  return (rule) => {
    const key = JSON.stringify(rule);
    const known = compiled.get(key) ?? compileRule(renderer, rule);
    compiled.set(key, known);
    return known;
  };
}

function compileRule(renderer: Renderer, rule: EditRule): CompiledRule {
  const names = 'values' in rule ? Object.keys(rule.values) : [rule.attribute];
  if (names.length === 0) return refuse('It changes nothing.');
  if (names.some((name) => name === '' || name.length > LONGEST_NAME)) {
    return refuse(`An attribute has a name, of at most ${LONGEST_NAME} characters.`);
  }
  if ('values' in rule) {
    const tooLong = tooLongOf(rule.values);
    return tooLong === undefined
      ? { ok: true, edit: (job) => withAttributes(job, rule.values) }
      : refuse(tooLong);
  }

  const { attribute, template: source } = rule;
  if (source.length > LONGEST_TEMPLATE) {
    return refuse(`It has ${source.length} characters, and ${LONGEST_TEMPLATE} are taken.`);
  }
  const compiled = compileTemplate({
    renderer,
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
      const tooLong = tooLongOf(values);
      return tooLong === undefined ? withAttributes(job, values) : { ok: false, problem: tooLong };
    },
  };
}

function tooLongOf(values: Readonly<Record<string, Json>>): string | undefined {
  const { length } = JSON.stringify(values);
  return length > LONGEST_VALUE
    ? `What it sets has ${length} characters, and ${LONGEST_VALUE} are taken.`
    : undefined;
}

function refuse(problem: string): CompiledRule {
  return { ok: false, problems: [problem] };
}
