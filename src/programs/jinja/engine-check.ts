/** Whether templates can be rendered: a part of `/healthz`. */

import { type MonotonicClock, monotonicClock } from '../../kit/clock.ts';
import { programRenderer } from './dialects.ts';
import type { Renderer } from './renderer.ts';

/** How long a result is reused, so that probes cost next to nothing however many are sent. */
const REUSED_MS = 1000;

interface EngineCheckOptions {
  renderer?: Renderer;
  clock?: MonotonicClock;
}

/**
 * Returns a function that renders a template and returns why that failed, as a sentence without its period;
 * undefined if it did not.
 */
export function makeEngineCheck({
  renderer = programRenderer,
  clock = monotonicClock,
}: EngineCheckOptions = {}): () => string | undefined {
  let last: { at: number; problem: string | undefined } | undefined;
  return () => {
    const now = clock();
    if (last === undefined || now - last.at > REUSED_MS) last = { at: now, problem: problemOf(renderer) };
    return last.problem;
  };
}

function problemOf(renderer: Renderer): string | undefined {
  try {
    const compiled = renderer.compile('{{ 6 * 7 }}');
    const rendered = compiled.ok ? compiled.template.render(new Map()) : compiled;
    if (rendered.ok && rendered.value === 42) return undefined;
    return `Templates cannot be rendered: ${rendered.ok ? 'the engine computes wrongly' : rendered.fault.message}`;
  } catch (error) {
    return `Templates cannot be rendered: ${error instanceof Error ? error.message : String(error)}`;
  }
}
