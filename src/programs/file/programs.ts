/**
 * The programs file: what each card design sends to Passmachine and writes back to Bloomreach, and
 * when that happens by itself. It is read and rehearsed as a whole, and every problem in it is
 * reported at once.
 */

import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Program } from '../../domain/jobs/program.ts';
import type { Schedule, Schedules } from '../../domain/schedules/schedule.ts';
import type { BodyProblem } from '../template/body.ts';
import { makeConditionCompiler } from '../template/condition.ts';
import { ConfigError } from '../../config/config-error.ts';
import { readProgramsFile } from './programs-file.ts';
import { pastedSecrets } from './pasted-secret.ts';
import { programsShape } from './program-shape.ts';
import { compileProgram } from './program.ts';
import { makeProgramRenderer } from '../template/program-renderer.ts';
import { compileSchedule } from './schedule.ts';
import { templateProblems } from '../template/section.ts';
import { shapeProblems } from './shape-problems.ts';
import { readYaml } from '../../config/yaml-source.ts';

/** Programs by name, in the order of the file. */
export type Programs = ReadonlyMap<string, Program>;

export interface ProgramsFile {
  programs: Programs;
  schedules: Schedules;
}

interface FileOptions {
  /** Where relative paths start. */
  folder: string;
  /** Of the schedules that name none. */
  timeZone: string;
}

/** The programs of the programs file. Throws a {@link ConfigError}. */
export function loadPrograms(file: string): Programs {
  return loadProgramsFile(file, 'UTC').programs;
}

/** Reads the programs file; `timeZone` is that of the schedules that name none. Throws a {@link ConfigError}. */
export function loadProgramsFile(file: string, timeZone: string): ProgramsFile {
  return parsePrograms(readProgramsFile(file), basename(file), { folder: dirname(file), timeZone });
}

/** Reads the text of a programs file; `name` is what problems call it. Throws a {@link ConfigError}. */
export function parsePrograms(text: string, name: string, { folder, timeZone }: FileOptions): ProgramsFile {
  const yaml = readYaml(text, name);
  if (!yaml.ok) throw new ConfigError('The programs file', yaml.problems);

  const { source: file } = yaml;
  const refuse = (found: readonly BodyProblem[]) => new ConfigError('The programs file', file.report(found));
  const renderer = makeProgramRenderer();
  const shaped = programsShape.safeParse(file.value, { reportInput: true });
  if (!shaped.success) {
    throw refuse([
      ...shaped.error.issues.flatMap(shapeProblems),
      ...templateProblems(renderer, file.value),
      ...pastedSecrets(file.value),
    ]);
  }

  const programs = new Map<string, Program>();
  const problems = pastedSecrets(file.value);
  for (const [program, source] of Object.entries(shaped.data.programs)) {
    const compiled = compileProgram(renderer, program, source);
    if (source.vouchers !== undefined && !existsSync(resolve(folder, source.vouchers))) {
      const problem = `there is no file ${source.vouchers} in ${folder}: write the codes into it, one a line`;
      problems.push({ path: ['programs', program, 'vouchers'], problem });
    }
    if (compiled.ok) {
      programs.set(program, compiled.program);
      continue;
    }
    for (const { path, problem } of compiled.problems) {
      problems.push({ path: ['programs', program, ...path], problem });
    }
  }
  const conditionOf = makeConditionCompiler();
  const schedules = new Map<string, Schedule>();
  const programNames = Object.keys(shaped.data.programs);
  for (const [schedule, spec] of Object.entries(shaped.data.schedules ?? {})) {
    const compiled = compileSchedule(schedule, spec, {
      conditionOf,
      programs,
      programNames,
      sourceNames: Object.keys(shaped.data.sources),
      folder,
      timeZone,
    });
    if (compiled.ok) {
      schedules.set(schedule, compiled.schedule);
      continue;
    }
    for (const { path, problem } of compiled.problems) {
      problems.push({ path: ['schedules', schedule, ...path], problem });
    }
  }
  if (problems.length > 0) throw refuse(problems);
  if (programs.size === 0) throw refuse([{ path: ['programs'], problem: 'has no program' }]);
  return { programs, schedules };
}
