/**
 * The interpreter of Jinja behind an interface on which every failure is a value. Each render has a budget of work,
 * which bounds its memory too: no template and no value can block the process.
 */

import type { Json } from '../../domain/jobs/program.ts';
import { jsonOf } from '../python/json.ts';
import { Meter, TOO_MUCH_WORK } from '../python/meter.ts';
import { PyError } from '../python/py-error.ts';
import type { Value } from '../python/values.ts';
import type { Dialect } from './call.ts';
import type { Fault } from './fault.ts';
import { builtin } from './library/builtin.ts';
import { adaptFilter, adaptFunction } from './library/dialect-call.ts';
import type { Library, Run } from './library/library.ts';
import { compileExpression } from './run/compile-expression.ts';
import { Aborted, compileStatements } from './run/compile-template.ts';
import { Output } from './run/output.ts';
import { Scope } from './run/scope.ts';
import type { Statement } from './syntax/nodes.ts';
import { parseTemplate } from './syntax/parse-template.ts';
import { TemplateSyntaxError } from './syntax/syntax-error.ts';

type Result<T> = { ok: true; value: T } | { ok: false; fault: Fault };

export interface JinjaTemplate {
  statements: readonly Statement[];
  /** Whether the template is exactly one `{{ expression }}`. */
  isExpression: boolean;
  /**
   * Returns the text that the template prints, or the value of one that is exactly one `{{ expression }}`. A template
   * may test an absent value, but not print it.
   */
  render(variables: Map<string, Value>): Result<Json>;
}

export interface Renderer {
  /** Compiles a template, or returns its syntax error. */
  compile(source: string): { ok: true; template: JinjaTemplate } | { ok: false; fault: Fault };
  /** Returns whether templates can use this name. */
  knows(kind: 'filter' | 'test' | 'global', name: string): boolean;
  /** Names of this kind, for suggestions. */
  names(kind: 'filter' | 'test' | 'global'): Iterable<string>;
  /** Does something whose renders together have a budget, in place of a budget each; nested ones share the outermost. */
  within<T>(budget: number, work: () => T): T;
}

/**
 * Work of a render, in the units of {@link Meter}: 10 to 50 ms. A template of one attribute takes 5, the guide's longest
 * one 2,000.
 */
export const RENDER_BUDGET = 500_000;

const TOO_DEEP: Fault = {
  kind: 'limit',
  message: 'needs too much memory and was stopped: a value is too long or nested too deeply',
};

/** Makes the renderer of a dialect. */
export function makeRenderer(dialect: Dialect): Renderer {
  const library = libraryOf(dialect);
  /** What is left of the budget that several renders share. */
  let shared: number | undefined;

  const attempt = <T>(work: (meter: Meter) => T): Result<T> => {
    const budget = Math.min(shared ?? RENDER_BUDGET, RENDER_BUDGET);
    if (budget <= 0) return { ok: false, fault: { kind: 'limit', message: TOO_MUCH_WORK } };
    const meter = new Meter(budget);
    try {
      return { ok: true, value: work(meter) };
    } catch (error) {
      return { ok: false, fault: faultOf(error) };
    } finally {
      if (shared !== undefined) shared -= budget - meter.left;
    }
  };

  return {
    compile(source) {
      const compiled = attempt(() => compileSource(source));
      if (!compiled.ok) return compiled;
      const { statements, isExpression, evaluate } = compiled.value;
      const render: JinjaTemplate['render'] = (variables) =>
        attempt((meter) => {
          const run: Run = { meter, library, time: variables.get('time') };
          return evaluate(new Scope(run, variables));
        });
      return { ok: true, template: { statements, isExpression, render } };
    },
    knows: (kind, name) => namesOf(library, kind).has(name),
    names: (kind) => namesOf(library, kind).keys(),
    within(budget, work) {
      if (shared !== undefined) return work();
      shared = budget;
      try {
        return work();
      } finally {
        shared = undefined;
      }
    },
  };
}

function libraryOf(dialect: Dialect): Library {
  const filters = new Map([...builtin.filters, ...Object.entries(dialect.overrides ?? {})]);
  const functions = new Map(builtin.functions);
  for (const [name, call] of Object.entries(dialect.filters)) filters.set(name, adaptFilter(name, call));
  for (const [name, call] of Object.entries(dialect.functions))
    functions.set(name, adaptFunction(name, call));
  return { filters, tests: builtin.tests, functions };
}

function namesOf(library: Library, kind: 'filter' | 'test' | 'global'): ReadonlyMap<string, unknown> {
  if (kind === 'filter') return library.filters;
  return kind === 'test' ? library.tests : library.functions;
}

interface CompiledSource {
  statements: readonly Statement[];
  isExpression: boolean;
  evaluate: (scope: Scope) => Json;
}

function compileSource(source: string): CompiledSource {
  const statements = parseTemplate(source);
  const [only, ...others] = statements;
  if (only?.kind === 'print' && others.length === 0 && isSoleTag(source)) {
    const evaluate = compileExpression(only.value, source);
    return {
      statements,
      isExpression: true,
      evaluate(scope) {
        const value = evaluate(scope);
        try {
          return jsonOf(value, scope.run.meter);
        } catch (error) {
          if (error instanceof PyError) error.at ??= source.slice(only.value.start, only.value.end);
          throw error;
        }
      },
    };
  }
  const execute = compileStatements(statements, source);
  return {
    statements,
    isExpression: false,
    evaluate(scope) {
      const output = new Output();
      execute(scope, output);
      return output.text;
    },
  };
}

/** Whether a source with one printed expression has nothing else, not even white space or a comment. */
function isSoleTag(source: string): boolean {
  return source.startsWith('{{') && source.endsWith('}}');
}

function faultOf(error: unknown): Fault {
  if (error instanceof PyError) return located(error.kind, error.message, error.at);
  if (error instanceof TemplateSyntaxError) return located(error.kind, error.message, error.at);
  if (error instanceof Aborted) return { kind: 'aborted', message: error.message };
  // The stack, a text or a number is too long: what no budget has caught before.
  if (error instanceof RangeError) return TOO_DEEP;
  throw error;
}

function located(kind: Fault['kind'], message: string, at: string | undefined): Fault {
  return { kind, message, ...(at !== undefined && { at }) };
}
