/**
 * The template engine (minijinja, compiled to WebAssembly) behind an interface on which every failure is a value.
 * Each render has a budget of work and of memory, and an engine that fails in one is replaced: no template and no
 * value can block the process or keep the next template from rendering.
 */

import { randomUUID } from 'node:crypto';
import { makeLru } from '../../kit/lru.ts';
import { type Engine, openEngine } from '../engine/engine.ts';
import { parseArguments, type Call, type CallArguments, type Dialect } from './call.ts';
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
  /** Does something whose renders together have a budget, in place of a budget each; nested ones share the outermost. */
  within<T>(budget: number, work: () => T): T;
}

interface RendererOptions {
  /** Templates that the engine keeps compiled: some 8 KB and 15 µs each. */
  maxTemplates?: number;
}

/** Enough for the templates that a campaign renders: about four a program. */
const MAX_TEMPLATES = 2000;

/**
 * Work of a render, in the engine's units: 10 to 50 ms. A template of one attribute takes 20,000, the guide's
 * longest one 500,000.
 */
export const RENDER_BUDGET = 100_000_000;

/** Characters per render. */
const MAX_OUTPUT = 1_000_000;

/** What a call of our own filters costs, in the engine's units, which cannot count it: some 10 µs, and 60 ns a character. */
const CALL_COST = 50_000;
const CHARACTER_COST = 300;

const TOO_MUCH_WORK: Fault = {
  kind: 'limit',
  message: 'takes too much work and was stopped: a loop runs too often, or a value is too long',
};
const TOO_MUCH_MEMORY: Fault = {
  kind: 'limit',
  message: 'needs too much memory and was stopped: a value is too long or nested too deeply',
};

/**
 * Makes a renderer, which opens its engine at the first use. Templates are freed when they are evicted,
 * the engine only when it is replaced: callers should make one renderer per dialect and share it.
 */
export function makeRenderer(
  dialect: Dialect,
  { maxTemplates = MAX_TEMPLATES }: RendererOptions = {},
): Renderer {
  /** Templates can include each other by name, so the names must not be guessable. */
  const prefix = randomUUID();
  let count = 0;
  let current: LoadedEngine | undefined;
  let context: Readonly<Record<string, unknown>> = {};
  /** What is left of the budget that several renders share. */
  let shared: number | undefined;
  /** The first failed call of the render in progress, kept because it must not be thrown through the engine. */
  let callFault: Fault | undefined;
  let bug: unknown;

  const guarded =
    (engine: Engine, name: string, call: Call) =>
    (...raw: unknown[]): unknown => {
      try {
        const args = parseArguments(raw);
        engine.budget -= costOf(args);
        // The engine stops at its next instruction.
        if (engine.budget < 0) return '';
        const result = call(args, context);
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

  const open = (): LoadedEngine => {
    const engine = openEngine();
    const { environment } = engine;
    environment.enablePyCompat();
    environment.undefinedBehavior = 'semi_strct';
    environment.keepTrailingNewline = true;
    // Only debug messages name the expression at fault.
    environment.debug = true;
    // The function would print the whole context.
    environment.removeGlobal('debug');
    for (const [name, call] of Object.entries(dialect.filters))
      environment.addFilter(name, guarded(engine, name, call));
    for (const [name, call] of Object.entries(dialect.functions))
      environment.addGlobal(name, guarded(engine, name, call));
    environment.addGlobal(ABORT, (reason: unknown) => {
      callFault ??= { kind: 'aborted', message: String(reason) };
      return '';
    });
    return loadable(engine, maxTemplates);
  };

  const attempt = (work: (loaded: LoadedEngine) => string): RenderResult => {
    callFault = bug = undefined;
    const loaded = (current ??= open());
    const { engine } = loaded;
    const budget = Math.min(shared ?? RENDER_BUDGET, RENDER_BUDGET);
    if (budget <= 0) return { ok: false, fault: TOO_MUCH_WORK };
    engine.budget = budget;
    let result: RenderResult;
    try {
      const text = work(loaded);
      result = text.length > MAX_OUTPUT ? { ok: false, fault: tooLong } : { ok: true, text };
    } catch (error) {
      const fault = error instanceof Error ? parseFault(error.message) : undefined;
      // A trap leaves the engine in the middle of its work: it can neither be used nor freed. The next one
      // compiles each template again when it is rendered.
      if (fault === undefined) current = undefined;
      result = { ok: false, fault: fault ?? TOO_MUCH_MEMORY };
    }
    const left = engine.budget;
    if (shared !== undefined) shared -= budget - left;
    if (left < 0) {
      current = undefined;
      return { ok: false, fault: TOO_MUCH_WORK };
    }
    if (bug !== undefined) throw bug;
    // The failed call is the cause, whatever the engine made of its empty result.
    return callFault === undefined ? result : { ok: false, fault: callFault };
  };

  return {
    check(source) {
      const added = attempt(({ engine }) => {
        engine.environment.addTemplate(`${prefix}/check`, replaceAborts(source));
        return '';
      });
      return added.ok ? undefined : added.fault;
    },
    compile(written) {
      const source = replaceAborts(written);
      const name = `${prefix}/${(count += 1)}`;
      const added = attempt((loaded) => {
        loaded.load(name, source);
        return '';
      });
      if (!added.ok) return added;
      const render: JinjaTemplate['render'] = (given) => {
        context = given;
        return attempt((loaded) => {
          loaded.load(name, source);
          return loaded.engine.environment.renderTemplate(name, given);
        });
      };
      return { ok: true, template: { render } };
    },
    knows(kind, name) {
      const probe = { filter: `1|${name}`, test: `1 is ${name}`, global: `${name} is undefined` }[kind];
      const found = attempt(({ engine }) => String(engine.environment.evalExpr(probe, {})));
      if (kind === 'global') return found.ok && found.text === 'false';
      return found.ok || found.fault.kind !== 'unknown';
    },
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

const tooLong: Fault = { kind: 'limit', message: `printed more than ${MAX_OUTPUT} characters` };

/** An engine, and the templates it has. */
interface LoadedEngine {
  engine: Engine;
  /** Adds the template unless the engine has it. */
  load(name: string, source: string): void;
}

function loadable(engine: Engine, maxTemplates: number): LoadedEngine {
  const { environment } = engine;
  const loaded = makeLru<string, true>(maxTemplates, (name) => environment.removeTemplate(name));
  return {
    engine,
    load(name, source) {
      if (loaded.get(name) !== undefined) return;
      environment.addTemplate(name, source);
      loaded.set(name, true);
    },
  };
}

function costOf({ positional, named }: CallArguments): number {
  const texts = [...positional, ...Object.values(named)].filter((given) => typeof given === 'string');
  return texts.reduce((cost, text) => cost + text.length * CHARACTER_COST, CALL_COST);
}
