/** The sections of a program that hold templates, and how each is compiled. */

import { z } from 'zod';
import type { Json } from '../../domain/jobs/program.ts';
import type { PathProblem } from '../../kit/json-path.ts';
import { programRenderer } from '../jinja/dialects.ts';
import { renderingTexts } from './notification-text.ts';
import { compileTemplate, type Compiled, type Extra, type TemplateOptions } from './template.ts';

type SectionOptions = Pick<TemplateOptions, 'extras' | 'whenAbsent' | 'mayAbort'>;

const sectionOptions = {
  create: { extras: [], whenAbsent: 'fail', mayAbort: true },
  update: { extras: [], whenAbsent: 'fail', mayAbort: true },
  notify: { extras: ['text'], whenAbsent: 'fail', mayAbort: true },
  // A response without a link must not prevent the write-back of the card's id.
  attributes: { extras: ['webhook'], whenAbsent: 'omit' },
} as const satisfies Record<string, SectionOptions>;

export type Section = keyof typeof sectionOptions;

/** Sections that are rendered when a card is made. */
const VOUCHER_SECTIONS: ReadonlySet<Section> = new Set(['create', 'attributes']);

/** Compiles the body of a section. The paths of problems start at the program. */
export function compileSection(
  section: Section,
  body: Json,
  { hasVouchers }: { hasVouchers: boolean } = { hasVouchers: false },
): Compiled {
  const options: SectionOptions = sectionOptions[section];
  const extras: readonly Extra[] =
    hasVouchers && VOUCHER_SECTIONS.has(section) ? [...options.extras, 'voucher'] : options.extras;
  const compiled = compileTemplate({ renderer: programRenderer, section, body, ...options, extras });
  if (compiled.ok) return { ...compiled, template: renderingTexts(compiled.template) };
  return {
    ok: false,
    problems: compiled.problems.map(({ path, problem }) => ({ path: [section, ...path], problem })),
  };
}

/**
 * Returns the problems of the templates in a file whose shape is invalid, so that the user sees both
 * kinds at once. `file` is any value that YAML can hold.
 */
export function templateProblems(file: unknown): PathProblem[] {
  const problems: PathProblem[] = [];
  for (const [name, program] of Object.entries(membersOf(membersOf(file)['programs']))) {
    for (const section of ['create', 'update', 'notify', 'attributes'] as const) {
      const body = membersOf(program)[section];
      const hasVouchers = membersOf(program)['vouchers'] !== undefined;
      const compiled = body === undefined ? undefined : compileSection(section, body, { hasVouchers });
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
