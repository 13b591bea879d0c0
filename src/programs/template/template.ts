/**
 * Compiles a JSON body with Jinja in its leaf strings to a {@link Template}. Failures must contain names, never values
 * of a customer.
 */

import { failure, type Failure } from '../../domain/failures/failure.ts';
import type { Json, Rendered, Template, TemplateContext } from '../../domain/jobs/program.ts';
import { formatPath, type PathProblem } from '../../kit/json-path.ts';
import type { Fault } from '../jinja/fault.ts';
import { RENDER_BUDGET, type Renderer } from '../jinja/renderer.ts';
import { truthTestsIn } from '../jinja/truth-tests.ts';
import { parseBody, type Body } from './body.ts';
import { compileLeaf, type CompiledLeaf } from './leaf.ts';
import { adviseEquivalent, faultsForAll, requiredAttributes, unknownNames } from './leaf-checks.ts';
import { attributesIn } from './pick-values.ts';

/** Variables that only some sections have. */
export type Extra = 'text' | 'webhook' | 'voucher';

export interface TemplateOptions {
  renderer: Renderer;
  /** Names the body in failures, e.g. `create`. */
  section: string;
  body: Json;
  /** Variables that this section has in addition to customer, customer_ids and time. */
  extras: readonly Extra[];
  /** Whether a leaf whose value is absent fails the body or is omitted from it. */
  whenAbsent: 'fail' | 'omit';
  /** Whether `{% abort %}` is allowed; false by default. */
  mayAbort?: boolean;
}

const NO_ABORT = 'abort is allowed in create, update and notify; here the card already exists';

export type Compiled =
  /** `isExpression`: the body is exactly one `{{ expression }}`. */
  { ok: true; template: Template; isExpression: boolean } | { ok: false; problems: PathProblem[] };

/** Compiles and checks a body, or lists everything in it that can never work. */
export function compileTemplate(options: TemplateOptions): Compiled {
  const { renderer, extras } = options;
  const body = parseBody(options.body);
  const leaves: CompiledLeaf[] = [];
  const problems: PathProblem[] = [];
  for (const leaf of body.leaves) {
    const compiled = compileLeaf(renderer, leaf);
    if (!compiled.ok) {
      problems.push({ path: leaf.path, problem: adviseEquivalent(describe(compiled.fault)) });
      continue;
    }
    leaves.push(compiled.leaf);
    const unknown = [...compiled.leaf.unsupported, ...unknownNames(renderer, compiled.leaf, extras)];
    // Rendering samples would only find the same names again.
    const found = unknown.length > 0 ? unknown : faultsForAll(renderer, compiled.leaf, extras).map(describe);
    if (compiled.leaf.aborts && options.mayAbort !== true) found.push(NO_ABORT);
    problems.push(...found.map((problem) => ({ path: leaf.path, problem: adviseEquivalent(problem) })));
  }
  if (problems.length > 0) return { ok: false, problems };

  const render = makeRender(options, body, leaves);
  const references = leaves.flatMap((leaf) => leaf.references);
  let needs: readonly string[] | undefined;
  return {
    ok: true,
    isExpression: typeof options.body === 'string' && leaves.length === 1 && leaves[0]?.isExpression === true,
    template: {
      render,
      usesText: references.some(({ root }) => root === 'text'),
      usesVoucher: references.some(({ root }) => root === 'voucher'),
      uses: attributesIn(references),
      truthTests: [...new Set(leaves.flatMap(({ source }) => truthTestsIn(source)))],
      // Takes some renders per attribute, and conditions and edit rules do not use it.
      get needs() {
        return (needs ??= requiredAttributes(renderer, leaves, options));
      },
    },
  };
}

function makeRender(
  { renderer, section, whenAbsent }: TemplateOptions,
  body: Body,
  leaves: readonly CompiledLeaf[],
): Template['render'] {
  const render = (context: TemplateContext): Rendered => {
    const values: (Json | undefined)[] = [];
    for (const leaf of leaves) {
      const result = leaf.render(context);
      if (result.ok) values.push(result.value);
      else if (whenAbsent === 'omit' && result.fault.kind === 'absent') values.push(undefined);
      else if (result.fault.kind === 'aborted') return { ok: false, aborted: result.fault.message };
      else {
        // An excluded customer needs no attributes, so an abort in another leaf takes precedence.
        const aborted = findAbort(leaves, context);
        if (aborted !== undefined) return { ok: false, aborted };
        return { ok: false, failure: failureOf(result.fault, formatPath([section, ...leaf.path])) };
      }
    }
    return { ok: true, body: body.assemble(values) };
  };

  return (context) => renderer.within(RENDER_BUDGET, () => render(context));
}

/** Returns the reason of an abort in any leaf; undefined if no leaf aborts. */
function findAbort(leaves: readonly CompiledLeaf[], context: TemplateContext): string | undefined {
  for (const leaf of leaves.filter(({ aborts }) => aborts)) {
    const result = leaf.render(context);
    if (!result.ok && result.fault.kind === 'aborted') return result.fault.message;
  }
  return undefined;
}

function failureOf(fault: Fault, path: string): Failure {
  return fault.kind === 'absent'
    ? failure('ROW_FIELD_MISSING', `${fault.at ?? 'a value'} is empty; ${path} needs it`)
    : failure('TEMPLATE_FAILED', `${path}: ${describe(fault)}`);
}

function describe({ message, at }: Fault): string {
  return at === undefined ? message : `${message} (at ${at})`;
}
