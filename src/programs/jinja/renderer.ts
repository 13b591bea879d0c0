/**
 * The template engine (minijinja, compiled to WebAssembly) behind a door that nothing breaks:
 * every failure is a value, a template cannot run or print for ever, and after a panic, which
 * leaves an engine unusable, a fresh one takes over with the same templates.
 */

import { Environment } from 'minijinja-js';
import { ABORT, withAborts } from './abort.ts';
import { readArguments, type Call, type Dialect } from './dialect.ts';
import { readFault, type Fault } from './fault.ts';

type RenderResult = { ok: true; text: string } | { ok: false; fault: Fault };

export interface Renderer {
  /** Adds a template under a name of its own; returns what is wrong with its syntax, if anything. */
  add(name: string, source: string): Fault | undefined;
  /** Renders a template that was added. Absent values may be asked about, but not printed. */
  render(name: string, context: Readonly<Record<string, unknown>>): RenderResult;
  /** Whether templates can use this name. */
  knows(what: 'filter' | 'test' | 'global', name: string): boolean;
}

/** Steps of the engine per render: the guide's longest template takes about 150. */
const STEP_LIMIT = 100_000;

/** Characters per render. */
const OUTPUT_LIMIT = 1_000_000;

/** Opens an engine that knows Jinja and the given dialect. */
export function makeRenderer(dialect: Dialect): Renderer {
  const sources = new Map<string, string>();
  let context: Readonly<Record<string, unknown>> = {};
  /** The first failure of a call in the render going on: it cannot be thrown through the engine. */
  let callFault: Fault | undefined;
  let bug: unknown;

  const guarded =
    (name: string, call: Call) =>
    (...raw: unknown[]): unknown => {
      try {
        const result = call(readArguments(raw), context);
        if (result.ok) return result.value;
        callFault ??= {
          kind: result.blame === 'call' ? 'misused' : 'failed',
          message: result.problem,
          at: name,
        };
      } catch (error) {
        bug ??= error;
      }
      return '';
    };

  const open = () => {
    const environment = new Environment();
    environment.enablePyCompat();
    environment.undefinedBehavior = 'semi_strct';
    environment.keepTrailingNewline = true;
    environment.fuel = STEP_LIMIT;
    // Only debug messages say which expression is at fault.
    environment.debug = true;
    // It would print the whole context.
    environment.removeGlobal('debug');
    for (const [name, call] of Object.entries(dialect.filters))
      environment.addFilter(name, guarded(name, call));
    for (const [name, call] of Object.entries(dialect.functions))
      environment.addGlobal(name, guarded(name, call));
    environment.addGlobal(ABORT, (reason: unknown) => {
      callFault ??= { kind: 'aborted', message: String(reason) };
      return '';
    });
    for (const [name, source] of sources) environment.addTemplate(name, source);
    return environment;
  };
  let environment = open();

  const attempt = (run: () => string): RenderResult => {
    callFault = bug = undefined;
    let result: RenderResult;
    try {
      const text = run();
      result =
        text.length > OUTPUT_LIMIT
          ? { ok: false, fault: { kind: 'limit', message: `printed more than ${OUTPUT_LIMIT} characters` } }
          : { ok: true, text };
    } catch (error) {
      const fault = error instanceof Error ? readFault(error.message) : undefined;
      if (fault === undefined) environment = open();
      result = { ok: false, fault: inWords(fault) };
    }
    if (bug !== undefined) throw bug;
    // Whatever the engine made of the placeholder, the call was at fault.
    return callFault === undefined ? result : { ok: false, fault: callFault };
  };

  return {
    add(name, given) {
      const source = withAborts(given);
      const added = attempt(() => {
        environment.addTemplate(name, source);
        return '';
      });
      if (!added.ok) return added.fault;
      sources.set(name, source);
      return undefined;
    },
    render(name, given) {
      context = given;
      return attempt(() => environment.renderTemplate(name, given));
    },
    knows(what, name) {
      const probe = { filter: `1|${name}`, test: `1 is ${name}`, global: `${name} is undefined` }[what];
      const found = attempt(() => String(environment.evalExpr(probe, {})));
      if (what === 'global') return found.ok && found.text === 'false';
      return found.ok || found.fault.kind !== 'unknown';
    },
  };
}

/** For whoever wrote the template: the engine speaks of its fuel, and says nothing where it broke. */
function inWords(fault: Fault | undefined): Fault {
  if (fault === undefined) return { kind: 'limit', message: 'the template engine ran out of memory' };
  return fault.kind === 'limit'
    ? { ...fault, message: `takes more than ${STEP_LIMIT} steps and was cut: a loop runs too often` }
    : fault;
}
