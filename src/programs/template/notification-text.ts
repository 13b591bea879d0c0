/**
 * The text of a notification with Jinja in it: `Ahoj {{ customer.first_name }}`. It is rendered for each customer before
 * the section that shows it. Texts of webhooks are not: Bloomreach has rendered them, with the values of a customer.
 */

import { failure, type Failure } from '../../domain/failures/failure.ts';
import type { Template } from '../../domain/jobs/program.ts';
import { makeLru } from '../../kit/lru.ts';
import { programRenderer } from '../jinja/dialects.ts';
import { compileTemplate } from './template.ts';

export type CompiledText =
  | { ok: true; template: Template }
  /** Sentences without a location. */
  | { ok: false; problems: string[] };

/** Compiled texts kept: those of the running campaigns and of recent previews. */
const MAX_CACHED = 200;

/** Makes each text a text, which a template that is exactly one expression is not. */
const EMPTY_COMMENT = '{##}';

const cache = makeLru<string, CompiledText>(MAX_CACHED);

/** Compiles a text, or returns it from the cache. */
export function compileText(source: string): CompiledText {
  const cached = cache.get(source);
  if (cached !== undefined) return cached;
  const compiled = compile(source);
  cache.set(source, compiled);
  return compiled;
}

function compile(source: string): CompiledText {
  const compiled = compileTemplate({
    renderer: programRenderer,
    section: 'text',
    body: EMPTY_COMMENT + source,
    extras: [],
    whenAbsent: 'fail',
    mayAbort: true,
  });
  return compiled.ok
    ? { ok: true, template: compiled.template }
    : { ok: false, problems: compiled.problems.map(({ problem }) => problem) };
}

/** Returns a template that renders the text of its context first, if that has Jinja in it. */
export function renderingTexts(template: Template): Template {
  if (!template.usesText) return template;
  const render: Template['render'] = (context) => {
    const { textTemplate, ...others } = context;
    if (textTemplate === undefined) return template.render(context);
    const compiled = compileText(textTemplate);
    if (!compiled.ok) return { ok: false, failure: refusedText(compiled.problems) };
    const rendered = compiled.template.render(others);
    if (!rendered.ok) return rendered;
    return template.render({ ...others, text: typeof rendered.body === 'string' ? rendered.body : '' });
  };
  const { usesText, usesVoucher, uses, truthTests } = template;
  return {
    render,
    usesText,
    usesVoucher,
    uses,
    truthTests,
    // Computed when it is read.
    get needs() {
      return template.needs;
    },
  };
}

/** A text is checked before its campaign starts, so only another version of passbridge can have let it pass. */
function refusedText(problems: readonly string[]): Failure {
  return failure('TEMPLATE_FAILED', `text: ${problems.join('; ')}`);
}
