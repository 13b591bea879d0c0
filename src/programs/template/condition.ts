/** A `where` of the programs file or the command line, compiled to a {@link Condition} with the engine of the templates. */

import type { Condition } from '../../domain/campaigns/condition.ts';
import { makeFilters } from '../jinja/filters.ts';
import { makeRenderer, type Renderer } from '../jinja/renderer.ts';
import { soleExpression } from '../jinja/tags.ts';
import { compileTemplate } from './template.ts';

export type CompiledCondition =
  | { ok: true; condition: Condition }
  /** In sentences without a place. */
  | { ok: false; problems: string[] };

export type ConditionCompiler = (source: string) => CompiledCondition;

/** Characters: it is kept with every campaign. */
const LONGEST = 2000;

const EXAMPLE = '{{ customer.passmachine_pass_gendate | int < time - 90 * 86400 }}';

/**
 * Compiles a condition. It is true where its one expression is the boolean `true`: cells of an
 * export are text, and a text such as `false` would count as true otherwise.
 */
function compileCondition(renderer: Renderer, source: string): CompiledCondition {
  if (source.length > LONGEST) return refuse(`has ${source.length} characters, and ${LONGEST} are taken`);
  if (soleExpression(source) === undefined) return refuse(`must be one expression, e.g. ${EXAMPLE}`);
  const compiled = compileTemplate({
    renderer,
    section: 'where',
    body: source,
    extras: [],
    whenAbsent: 'fail',
  });
  if (!compiled.ok) return { ok: false, problems: compiled.problems.map(({ problem }) => problem) };
  const { template } = compiled;
  if (template.usesText) return refuse('text is known in notify only');
  return {
    ok: true,
    condition: {
      uses: template.uses,
      judge(context) {
        const rendered = template.render(context);
        if (rendered.ok) return { ok: true, holds: rendered.body === true };
        if ('aborted' in rendered) return { ok: true, holds: false };
        // Of a value that is not there nothing is true.
        if (rendered.failure.code === 'ROW_FIELD_MISSING') return { ok: true, holds: false };
        return rendered;
      },
    },
  };
}

/** Makes a compiler for conditions; each is compiled once. */
export function makeConditionCompiler(): ConditionCompiler {
  // The engine's own int stays: 0 for what is no number would make many a condition true of everybody.
  const { int: _, ...filters } = makeFilters();
  const renderer = makeRenderer({ filters, functions: {} });
  const compiled = new Map<string, CompiledCondition>();
  return (source) => {
    const known = compiled.get(source) ?? compileCondition(renderer, source);
    compiled.set(source, known);
    return known;
  };
}

function refuse(problem: string): CompiledCondition {
  return { ok: false, problems: [problem] };
}
