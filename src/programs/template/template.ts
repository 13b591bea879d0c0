/**
 * A JSON body with Jinja in its leaf strings, compiled to a {@link Template}. The leaves are rendered
 * together; when that fails they are rendered one by one, to name the leaf at fault. Of a customer's
 * data, only names get into a failure.
 */

import { randomUUID } from 'node:crypto';
import { failure, type Failure } from '../../domain/failures/failure.ts';
import type { Json, Rendered, Template, TemplateContext } from '../../domain/jobs/program.ts';
import type { Fault } from '../jinja/fault.ts';
import type { Renderer } from '../jinja/renderer.ts';
import { advise } from './bloomreach-jinja.ts';
import { displayPath, readBody, type Body, type BodyProblem } from './body.ts';
import { compileLeaf, type CompiledLeaf } from './compiled-leaf.ts';
import { renderTogether } from './together.ts';
import { attributesIn } from './template-context.ts';
import { unknownNames } from './template-names.ts';
import { misusesOf, needsOf } from './template-rehearsal.ts';

/** Variables that only some templates are rendered with. */
export type Extra = 'text' | 'webhook' | 'voucher';

export interface TemplateOptions {
  renderer: Renderer;
  /** What a failure calls the body, e.g. `create`. */
  section: string;
  body: Json;
  /** Variables that this section is rendered with, beyond customer, customer_ids and time. */
  extras: readonly Extra[];
  /** Whether a leaf whose value is absent fails the body or is left out of it. */
  whenAbsent: 'fail' | 'omit';
  /** Whether `{% abort %}` makes sense in it; by default it does not. */
  mayAbort?: boolean;
}

const NO_ABORT = 'abort leaves a customer out of create, update or notify; here it is too late for that';

export type Compiled = { ok: true; template: Template } | { ok: false; problems: BodyProblem[] };

/** Compiles a body and rehearses it, or lists everything in it that can never work. */
export function compileTemplate(options: TemplateOptions): Compiled {
  const { renderer, extras } = options;
  const body = readBody(options.body);
  const id = randomUUID();
  const leaves: CompiledLeaf[] = [];
  const problems: BodyProblem[] = [];
  for (const leaf of body.leaves) {
    const compiled = compileLeaf(renderer, `${id}/${displayPath(leaf.path)}`, leaf);
    if (!compiled.ok) {
      problems.push({ path: leaf.path, problem: advise(describe(compiled.fault)) });
      continue;
    }
    leaves.push(compiled.leaf);
    const unknown = unknownNames(renderer, compiled.leaf, extras);
    // A rehearsal would only find the same again.
    const found = unknown.length > 0 ? unknown : misusesOf(compiled.leaf, extras).map(describe);
    if (compiled.leaf.aborts && options.mayAbort !== true) found.push(NO_ABORT);
    problems.push(...found.map((problem) => ({ path: leaf.path, problem: advise(problem) })));
  }
  if (problems.length > 0) return { ok: false, problems };

  const render = makeRender(options, id, body, leaves);
  const references = leaves.flatMap((leaf) => leaf.references);
  return {
    ok: true,
    template: {
      render,
      usesText: references.some(({ root }) => root === 'text'),
      usesVoucher: references.some(({ root }) => root === 'voucher'),
      uses: attributesIn(references),
      needs: needsOf(render, references, extras),
    },
  };
}

function makeRender(
  { renderer, section, whenAbsent }: TemplateOptions,
  id: string,
  body: Body,
  leaves: readonly CompiledLeaf[],
): Template['render'] {
  const renderJoined = renderTogether(renderer, id, leaves);

  const renderEach = (context: TemplateContext): Rendered => {
    const values: (Json | undefined)[] = [];
    for (const leaf of leaves) {
      const result = leaf.render(context);
      if (result.ok) values.push(result.value);
      else if (whenAbsent === 'omit' && result.fault.kind === 'absent') values.push(undefined);
      else if (result.fault.kind === 'aborted') return { ok: false, aborted: result.fault.message };
      else {
        // One that is left out needs nothing.
        const aborted = abortOf(leaves, context);
        if (aborted !== undefined) return { ok: false, aborted };
        return { ok: false, failure: failureOf(result.fault, displayPath([section, ...leaf.path])) };
      }
    }
    return { ok: true, body: body.assemble(values) };
  };

  return (context) => {
    const values = renderJoined(context);
    return values === undefined ? renderEach(context) : { ok: true, body: body.assemble(values) };
  };
}

/** Why some leaf leaves the customer out; undefined where none does. */
function abortOf(leaves: readonly CompiledLeaf[], context: TemplateContext): string | undefined {
  for (const leaf of leaves.filter(({ aborts }) => aborts)) {
    const result = leaf.render(context);
    if (!result.ok && result.fault.kind === 'aborted') return result.fault.message;
  }
  return undefined;
}

function failureOf(fault: Fault, place: string): Failure {
  return fault.kind === 'absent'
    ? failure('ROW_FIELD_MISSING', `${fault.at ?? 'a value'} is empty; ${place} needs it`)
    : failure('TEMPLATE_FAILED', `${place}: ${describe(fault)}`);
}

function describe({ message, at }: Fault): string {
  return at === undefined ? message : `${message} (at ${at})`;
}
