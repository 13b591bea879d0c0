/** The sections of a program that hold templates, and how each is rendered. */

import { z } from 'zod';
import type { Json } from '../job/program.ts';
import type { Renderer } from '../kit/jinja/renderer.ts';
import type { BodyProblem } from './body.ts';
import { compileTemplate, type Compiled, type TemplateOptions } from './template.ts';

type Manner = Pick<TemplateOptions, 'extras' | 'whenAbsent'>;

const manners = {
  create: { extras: [], whenAbsent: 'fail' },
  update: { extras: [], whenAbsent: 'fail' },
  notify: { extras: ['text'], whenAbsent: 'fail' },
  // One answer without a link must not keep the card's id from going home.
  attributes: { extras: ['webhook'], whenAbsent: 'omit' },
} as const satisfies Record<string, Manner>;

export type Section = keyof typeof manners;

/** Compiles the body of a section; problems are placed relative to the program. */
export function compileSection(renderer: Renderer, section: Section, body: Json): Compiled {
  const compiled = compileTemplate({ renderer, section, body, ...manners[section] });
  if (compiled.ok) return compiled;
  return {
    ok: false,
    problems: compiled.problems.map(({ path, problem }) => ({ path: [section, ...path], problem })),
  };
}

/**
 * What is wrong with the templates of a file whose shape is wrong already, so that both can be
 * mended at once. `file` is whatever the YAML held.
 */
export function templateProblems(renderer: Renderer, file: unknown): BodyProblem[] {
  const problems: BodyProblem[] = [];
  for (const [name, program] of Object.entries(membersOf(membersOf(file)['programs']))) {
    for (const section of ['create', 'update', 'notify', 'attributes'] as const) {
      const body = membersOf(program)[section];
      const compiled = body === undefined ? undefined : compileSection(renderer, section, body);
      if (compiled?.ok !== false) continue;
      for (const { path, problem } of compiled.problems)
        problems.push({ path: ['programs', name, ...path], problem });
    }
  }
  return problems;
}

function membersOf(value: unknown): Readonly<Record<string, Json>> {
  const members = z.record(z.string(), z.json()).safeParse(value);
  return members.success ? members.data : {};
}
