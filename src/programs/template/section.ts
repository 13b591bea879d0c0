/** The sections of a program that hold templates, and how each is rendered. */

import { z } from 'zod';
import type { Json } from '../../domain/jobs/program.ts';
import type { Renderer } from '../jinja/renderer.ts';
import type { BodyProblem } from './body.ts';
import { compileTemplate, type Compiled, type Extra, type TemplateOptions } from './template.ts';

type Manner = Pick<TemplateOptions, 'extras' | 'whenAbsent' | 'mayAbort'>;

const manners = {
  create: { extras: [], whenAbsent: 'fail', mayAbort: true },
  update: { extras: [], whenAbsent: 'fail', mayAbort: true },
  notify: { extras: ['text'], whenAbsent: 'fail', mayAbort: true },
  // One answer without a link must not keep the card's id from going home.
  attributes: { extras: ['webhook'], whenAbsent: 'omit' },
} as const satisfies Record<string, Manner>;

export type Section = keyof typeof manners;

/** Sections that are rendered for one card. */
const VOUCHER_SECTIONS: ReadonlySet<Section> = new Set(['create', 'attributes']);

/** Compiles the body of a section; problems are placed relative to the program. */
export function compileSection(
  renderer: Renderer,
  section: Section,
  body: Json,
  { hasVouchers }: { hasVouchers: boolean } = { hasVouchers: false },
): Compiled {
  const manner: Manner = manners[section];
  const extras: readonly Extra[] =
    hasVouchers && VOUCHER_SECTIONS.has(section) ? [...manner.extras, 'voucher'] : manner.extras;
  const compiled = compileTemplate({ renderer, section, body, ...manner, extras });
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
      const hasVouchers = membersOf(program)['vouchers'] !== undefined;
      const compiled =
        body === undefined ? undefined : compileSection(renderer, section, body, { hasVouchers });
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
