/** Compiles a `where` of the programs file, the command line or the dashboard to a {@link Condition}. */

import type { Condition } from '../../domain/campaigns/condition.ts';
import { makeLru } from '../../kit/lru.ts';
import { conditionRenderer } from '../jinja/dialects.ts';
import { compileTemplate } from './template.ts';

export type CompiledCondition =
  | { ok: true; condition: Condition }
  /** Sentences without a location. */
  | { ok: false; problems: string[] };

/** Characters: the condition is stored with every campaign. */
const MAX_LENGTH = 2000;

/** Compiled conditions kept: those of the running campaigns and of recent previews. */
const MAX_CACHED = 200;

const EXAMPLE = '{{ customer.passmachine_pass_gendate | int < time - 90 * 86400 }}';

const cache = makeLru<string, CompiledCondition>(MAX_CACHED);

/**
 * Compiles a condition, or returns it from the cache. It matches if its one expression is the boolean
 * `true`: cells of an export are text, and as a truth value the text `false` would be true.
 */
export function compileCondition(source: string): CompiledCondition {
  const cached = cache.get(source);
  if (cached !== undefined) return cached;
  const compiled = compile(source);
  cache.set(source, compiled);
  return compiled;
}

function compile(source: string): CompiledCondition {
  if (source.length > MAX_LENGTH)
    return refuse(`has ${source.length} characters; at most ${MAX_LENGTH} are allowed`);
  const compiled = compileTemplate({
    renderer: conditionRenderer,
    section: 'where',
    body: source,
    extras: [],
    whenAbsent: 'fail',
  });
  if (!compiled.ok) return { ok: false, problems: compiled.problems.map(({ problem }) => problem) };
  const { template, isExpression } = compiled;
  if (!isExpression) return refuse(`must be one expression, e.g. ${EXAMPLE}`);
  if (template.usesText) return refuse('text is defined in notify only');
  return {
    ok: true,
    condition: {
      uses: template.uses,
      truthTests: template.truthTests,
      evaluate(context) {
        const rendered = template.render(context);
        if (rendered.ok) return { ok: true, matches: rendered.body === true };
        if ('aborted' in rendered) return { ok: true, matches: false };
        // No condition matches an absent value.
        if (rendered.failure.code === 'ROW_FIELD_MISSING') return { ok: true, matches: false };
        return rendered;
      },
    },
  };
}

function refuse(problem: string): CompiledCondition {
  return { ok: false, problems: [problem] };
}
