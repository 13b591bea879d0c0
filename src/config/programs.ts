/**
 * The programs file: what each card design sends to Passmachine and writes back to Bloomreach. It
 * is read and rehearsed as a whole, and every problem in it is reported at once.
 */

import { basename } from 'node:path';
import type { Program } from '../job/program.ts';
import { changeMessage } from '../kit/jinja/change-message.ts';
import { makeFilters } from '../kit/jinja/filters.ts';
import { makeRenderer } from '../kit/jinja/renderer.ts';
import type { BodyProblem } from './body.ts';
import { ConfigError } from './config-error.ts';
import { readProgramsFile } from './programs-file.ts';
import { programsShape } from './program-shape.ts';
import { compileProgram } from './program.ts';
import { templateProblems } from './section.ts';
import { shapeProblems } from './shape-problems.ts';
import { readYaml } from './yaml-source.ts';

/** Programs by name, in the order of the file. */
export type Programs = ReadonlyMap<string, Program>;

/** Reads the programs file. Throws a {@link ConfigError}. */
export function loadPrograms(file: string): Programs {
  return parsePrograms(readProgramsFile(file), basename(file));
}

/** Reads the text of a programs file; `name` is what problems call it. Throws a {@link ConfigError}. */
export function parsePrograms(text: string, name: string): Programs {
  const yaml = readYaml(text, name);
  if (!yaml.ok) throw new ConfigError('The programs file', yaml.problems);

  const { source: file } = yaml;
  const refuse = (found: readonly BodyProblem[]) => new ConfigError('The programs file', file.report(found));
  const renderer = makeRenderer({ filters: makeFilters(), functions: { change_message: changeMessage } });
  const shaped = programsShape.safeParse(file.value, { reportInput: true });
  if (!shaped.success) {
    throw refuse([...shaped.error.issues.flatMap(shapeProblems), ...templateProblems(renderer, file.value)]);
  }

  const programs = new Map<string, Program>();
  const problems: BodyProblem[] = [];
  for (const [program, source] of Object.entries(shaped.data.programs)) {
    const compiled = compileProgram(renderer, program, source);
    if (compiled.ok) {
      programs.set(program, compiled.program);
      continue;
    }
    for (const { path, problem } of compiled.problems) {
      problems.push({ path: ['programs', program, ...path], problem });
    }
  }
  if (problems.length > 0) throw refuse(problems);
  if (programs.size === 0) throw refuse([{ path: ['programs'], problem: 'has no program' }]);
  return programs;
}
