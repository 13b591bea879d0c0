/**
 * The template engine (minijinja, compiled to WebAssembly) behind an interface on which every failure
 * is a value. Steps and output of a render are bounded. So is the memory: the engine keeps the most
 * recently used templates and compiles the others again when they are rendered.
 */

import { randomUUID } from 'node:crypto';
import { Environment } from 'minijinja-js';
import { makeLru } from '../../kit/lru.ts';
import { parseArguments, type Call, type Dialect } from './call.ts';
import { parseFault, type Fault } from './fault.ts';
import { ABORT, replaceAborts } from './tags.ts';

type RenderResult = { ok: true; text: string } | { ok: false; fault: Fault };

export interface JinjaTemplate {
  /** A template may test an absent value, but not print it. */
  render(context: Readonly<Record<string, unknown>>): RenderResult;
}

export interface Renderer {
  /** Returns the syntax error of a template, if it has one. */
  check(source: string): Fault | undefined;
  /** Compiles a template, or returns its syntax error. */
  compile(source: string): { ok: true; template: JinjaTemplate } | { ok: false; fault: Fault };
  /** Returns whether templates can use this name. */
  knows(kind: 'filter' | 'test' | 'global', name: string): boolean;
}

interface RendererOptions {
  /** Templates that the engine keeps compiled: some 8 KB and 15 µs each. */
  maxTemplates?: number;
}

/** Enough for the templates that a campaign renders: about four a program. */
const MAX_TEMPLATES = 2000;

/** Engine steps per render: the guide's longest template takes about 150. */
const MAX_STEPS = 100_000;

/** Characters per render. */
const MAX_OUTPUT = 1_000_000;

/**
 * Makes a renderer, which opens its engine at the first use. Templates are freed when they are evicted,
 * the engine never: callers should make one renderer per dialect and share it.
 */
export function makeRenderer(
  dialect: Dialect,
  { maxTemplates = MAX_TEMPLATES }: RendererOptions = {},
): Renderer {
  /** Templates can include each other by name, so the names must not be guessable. */
  const prefix = randomUUID();
  let count = 0;
  let engine: Engine | undefined;
  let context: Readonly<Record<string, unknown>> = {};
  /** The first failed call of the render in progress, kept because it must not be thrown through the engine. */
  let callFault: Fault | undefined;
  let bug: unknown;

  const guarded =
    (name: string, call: Call) =>
    (...raw: unknown[]): unknown => {
      try {
        const result = call(parseArguments(raw), context);
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

  const openEnvironment = () => {
    const environment = new Environment();
    environment.enablePyCompat();
    environment.undefinedBehavior = 'semi_strct';
    environment.keepTrailingNewline = true;
    environment.fuel = MAX_STEPS;
    // Only debug messages name the expression at fault.
    environment.debug = true;
    // The function would print the whole context.
    environment.removeGlobal('debug');
    for (const [name, call] of Object.entries(dialect.filters))
      environment.addFilter(name, guarded(name, call));
    for (const [name, call] of Object.entries(dialect.functions))
      environment.addGlobal(name, guarded(name, call));
    environment.addGlobal(ABORT, (reason: unknown) => {
      callFault ??= { kind: 'aborted', message: String(reason) };
      return '';
    });
    return environment;
  };

  const attempt = (work: (engine: Engine) => string): RenderResult => {
    callFault = bug = undefined;
    engine ??= openEngine(openEnvironment(), maxTemplates);
    let result: RenderResult;
    try {
      const text = work(engine);
      result =
        text.length > MAX_OUTPUT
          ? { ok: false, fault: { kind: 'limit', message: `printed more than ${MAX_OUTPUT} characters` } }
          : { ok: true, text };
    } catch (error) {
      const fault = error instanceof Error ? parseFault(error.message) : undefined;
      // A panic leaves the engine locked: it can neither be used nor freed. The next one compiles each
      // template again when it is rendered.
      if (fault === undefined) engine = undefined;
      result = { ok: false, fault: describeLimits(fault) };
    }
    if (bug !== undefined) throw bug;
    // The failed call is the cause, whatever the engine made of its empty result.
    return callFault === undefined ? result : { ok: false, fault: callFault };
  };

  return {
    check(source) {
      const added = attempt(({ environment }) => {
        environment.addTemplate(`${prefix}/check`, replaceAborts(source));
        return '';
      });
      return added.ok ? undefined : added.fault;
    },
    compile(written) {
      const source = replaceAborts(written);
      const name = `${prefix}/${(count += 1)}`;
      const added = attempt((current) => {
        current.load(name, source);
        return '';
      });
      if (!added.ok) return added;
      const render: JinjaTemplate['render'] = (given) => {
        context = given;
        return attempt((current) => {
          current.load(name, source);
          return current.environment.renderTemplate(name, given);
        });
      };
      return { ok: true, template: { render } };
    },
    knows(kind, name) {
      const probe = { filter: `1|${name}`, test: `1 is ${name}`, global: `${name} is undefined` }[kind];
      const found = attempt(({ environment }) => String(environment.evalExpr(probe, {})));
      if (kind === 'global') return found.ok && found.text === 'false';
      return found.ok || found.fault.kind !== 'unknown';
    },
  };
}

interface Engine {
  environment: Environment;
  /** Adds the template unless the engine has it. */
  load(name: string, source: string): void;
}

function openEngine(environment: Environment, maxTemplates: number): Engine {
  const loaded = makeLru<string, true>(maxTemplates, (name) => environment.removeTemplate(name));
  return {
    environment,
    load(name, source) {
      if (loaded.get(name) !== undefined) return;
      environment.addTemplate(name, source);
      loaded.set(name, true);
    },
  };
}

/** Words the limits for the template's author: the engine speaks of fuel, and says nothing if it panicked. */
function describeLimits(fault: Fault | undefined): Fault {
  if (fault === undefined) return { kind: 'limit', message: 'the template engine ran out of memory' };
  return fault.kind === 'limit'
    ? { ...fault, message: `takes more than ${MAX_STEPS} steps and was stopped: a loop runs too often` }
    : fault;
}
