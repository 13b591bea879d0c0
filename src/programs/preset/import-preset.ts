/** Imports a pasted preset as a program of the programs file, or reports every problem with its line of the pasted text. */

import { z } from 'zod';
import { ConfigError } from '../../config/config-error.ts';
import { readYaml } from '../../config/yaml-source.ts';
import type { CardType, Json } from '../../domain/jobs/program.ts';
import { formatPath, type PathProblem } from '../../kit/json-path.ts';
import { shapeProblems } from '../file/file-problems.ts';
import { programsShape } from '../file/program-shape.ts';
import { compileProgram } from '../file/program.ts';
import { parsePrograms } from '../file/programs.ts';
import { hasTags } from '../jinja/syntax/tokens.ts';
import { type Section, templateProblems } from '../template/section.ts';
import { adapt, type AdaptOptions, isPlaceholder } from './adapt.ts';
import { formatNotes, type LineNote } from './pasted-text.ts';
import { insertSections, newProgramsText, type ProgramSketch } from './programs-text.ts';
import { parsePreset, type PresetBodies } from './read-preset.ts';
import { codesFileOf } from './voucher.ts';
import { isCollection } from './webhook-preset.ts';

export interface ImportOptions extends AdaptOptions {
  /** The pasted text. */
  text: string;
  /** The program's name; by default its card type. */
  name: string | undefined;
  /** By default the card type of the existing program, or loyalty. */
  card: CardType | undefined;
  /** The programs file; `text` is undefined if it does not exist. */
  programs: { file: string; folder: string; text: string | undefined };
  /** Whether existing sections of the program are replaced. */
  force: boolean;
}

export interface Imported {
  name: string;
  /** The imported sections. */
  sections: readonly string[];
  /** The whole programs file. */
  text: string;
  /** The imported sections alone, as a programs file. */
  excerpt: string;
  /** Remarks and things left to do, most of them by line. */
  notes: readonly string[];
}

const programsOf = z.object({
  programs: z.record(z.string(), z.record(z.string(), z.json()).nullable()).nullish(),
});

/** Returns the new text of the programs file, without writing it. Throws a {@link ConfigError}; `subject` is the pasted file in its message. */
export function importPreset(subject: string, options: ImportOptions): Imported {
  const { programs, force } = options;
  const refuse = (problems: readonly string[]) => new ConfigError(subject, problems);
  const preset = parsePreset(options.text);
  if (!preset.ok) throw refuse(formatNotes(preset.problems));
  const name = options.name ?? options.card ?? 'loyalty';
  const present = existingProgram(programs, name);
  const kept = options.templateId === undefined ? keptTemplateId(preset.bodies, present) : undefined;
  const templateId = options.templateId ?? kept;
  const { bodies, notes, problems } = adapt(preset.bodies, { ...options, templateId });
  const codes = codesFileOf(options.vouchers);
  if (codes.problem !== undefined) problems.push(codes.problem);
  if (problems.length > 0) throw refuse(problems);

  const sections: ProgramSketch = {
    // One that the program has outside of its create stays where it is.
    ...sectionsOf(bodies, templateIdIn(present) === kept ? options : { ...options, templateId }, present),
    ...(codes.path !== undefined && { vouchers: codes.path }),
  };
  const duplicates = Object.keys(sections).filter((section) => Object.hasOwn(present, section));
  if (duplicates.length > 0 && !force) {
    const which = duplicates.map((section) => `programs.${name}.${section}`).join(', ');
    throw refuse([
      `${programs.file} already has ${which}: create another program with --name NAME, or replace with --force`,
    ]);
  }

  const found = findProblems(name, { ...present, ...sections }, bodies);
  if (found.length > 0) throw refuse(formatNotes(found));
  const text =
    programs.text === undefined || programs.text.trim() === ''
      ? newProgramsText(name, sections)
      : insertSections(programs.text, name, sections);
  // Throws if the file as a whole would not load.
  parsePrograms(text, programs.file, { folder: programs.folder, timeZone: 'UTC' });

  const isDefaultCard = options.card === undefined && sections['card'] !== undefined;
  return {
    name,
    sections: Object.keys(sections),
    text,
    excerpt: newProgramsText(name, sections),
    notes: [
      ...formatNotes([...preset.notes, ...notes]),
      ...(kept === undefined || templateIdIn(preset.bodies.get('create')?.value) === undefined
        ? []
        : [`templateId: that of ${name} in ${programs.file} is kept: ${kept}`]),
      ...(isDefaultCard ? ['card: loyalty by default; use --card KIND for another type'] : []),
    ],
  };
}

/** Returns the existing program of that name, or an empty one. */
function existingProgram({ file, text }: ImportOptions['programs'], name: string): ProgramSketch {
  if (text === undefined) return {};
  const yaml = readYaml(text, file);
  if (!yaml.ok) throw new ConfigError('The programs file', yaml.problems);
  const shaped = programsOf.safeParse(yaml.source.value ?? {});
  if (!shaped.success) {
    throw new ConfigError('The programs file', [`${file} is not a programs file. Name another with --out`]);
  }
  const programs = shaped.data.programs ?? {};
  return (Object.hasOwn(programs, name) ? programs[name] : undefined) ?? {};
}

/** Returns the template id of the existing program, e.g. from `passbridge init`, if the preset has none of its own. */
function keptTemplateId(bodies: PresetBodies, present: ProgramSketch): string | undefined {
  const own = templateIdIn(bodies.get('create')?.value);
  if (own !== undefined && !isPlaceholder(own)) return undefined;
  const kept = templateIdIn(present['create']) ?? templateIdIn(present);
  return kept === undefined || isPlaceholder(kept) ? undefined : kept;
}

function templateIdIn(body: Json | undefined): string | undefined {
  const id =
    body !== undefined && isCollection(body) && !Array.isArray(body) ? body['templateId'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

function sectionsOf(
  bodies: PresetBodies,
  { card, templateId }: ImportOptions,
  present: ProgramSketch,
): ProgramSketch {
  const create = bodies.get('create')?.value;
  const inCreate = typeof create === 'object' && create !== null && 'templateId' in create;
  const ordered = (['create', 'update', 'notify', 'attributes'] as const).flatMap((section) => {
    const pasted = bodies.get(section);
    return pasted === undefined ? [] : [[section, pasted.value] as const];
  });
  return {
    ...((card ?? present['card']) !== present['card'] || present['card'] === undefined
      ? { card: card ?? 'loyalty' }
      : {}),
    ...(templateId !== undefined && !inCreate && { templateId }),
    ...Object.fromEntries(ordered),
  };
}

/** Returns everything that prevents the program from working, with lines of the pasted text. */
function findProblems(name: string, program: ProgramSketch, bodies: PresetBodies): LineNote[] {
  const lineOf = ({ path: [section = '', ...deeper] }: PathProblem) => {
    const pasted = bodies.get(section as Section);
    return pasted?.lineOf(deeper) ?? 1;
  };
  return [...jinjaInNames(bodies), ...compileProblems(name, program)].map((problem) => ({
    line: lineOf(problem),
    text: `${formatPath(problem.path)}: ${withRemedy(problem)}`.replace(/^: /, ''),
  }));
}

function compileProblems(name: string, program: ProgramSketch): PathProblem[] {
  const file = { programs: { [name]: program } };
  const shaped = programsShape.safeParse(file, { reportInput: true });
  if (!shaped.success) {
    const found = [...shaped.error.issues.flatMap(shapeProblems), ...templateProblems(file)];
    return found.map(({ path, problem }) => ({ path: path.slice(2), problem }));
  }
  const source = shaped.data.programs[name];
  const compiled = source && compileProgram(name, source);
  return compiled === undefined || compiled.ok ? [] : compiled.problems;
}

function withRemedy({ path, problem }: PathProblem): string {
  if (formatPath(path) === 'create' && problem === 'is missing') {
    return 'is missing: paste the body of the create as well, or name an existing program with --name';
  }
  if (formatPath(path) === 'templateId') return `${problem}. Set it with --template-id ID`;
  return problem;
}

/** Reports Jinja in names: only values are templates. */
function jinjaInNames(bodies: PresetBodies): PathProblem[] {
  const problems: PathProblem[] = [];
  const walk = (value: Json, path: readonly (string | number)[]) => {
    if (!isCollection(value)) return;
    const members = Array.isArray(value)
      ? value.map((item, index) => [index, item] as const)
      : Object.entries(value);
    for (const [step, member] of members) {
      const memberPath = [...path, step];
      if (typeof step === 'string' && hasTags(step)) {
        problems.push({
          path: memberPath,
          problem: 'Jinja in a name is not rendered: write the name out, and put the Jinja into the value',
        });
      }
      walk(member, memberPath);
    }
  };
  for (const [section, { value }] of bodies) walk(value, [section]);
  return problems;
}
