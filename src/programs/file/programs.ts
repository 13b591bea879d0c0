/**
 * The programs file: what each card design sends to Passmachine and writes back to Bloomreach, and on
 * which schedules. The file is loaded and checked as a whole, and all its problems are reported at once.
 */

import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ConfigError } from '../../config/config-error.ts';
import { readYaml } from '../../config/yaml-source.ts';
import type { Program } from '../../domain/jobs/program.ts';
import type { Schedule, Schedules } from '../../domain/schedules/schedule.ts';
import type { PathProblem } from '../../kit/json-path.ts';
import { problemOf } from '../../kit/runtime/system-error.ts';
import { decodeText } from '../../kit/text/decode-text.ts';
import { templateProblems } from '../template/section.ts';
import { pastedSecrets, shapeProblems } from './file-problems.ts';
import { programsShape } from './program-shape.ts';
import { compileProgram } from './program.ts';
import { compileSchedule } from './schedule.ts';
import { vouchersProblem } from './vouchers-file.ts';

/** Programs by name, in the order of the file. */
export type Programs = ReadonlyMap<string, Program>;

export interface ProgramsFile {
  programs: Programs;
  schedules: Schedules;
}

interface ParseOptions {
  /** The folder at which relative paths start. */
  folder: string;
  /** The time zone of schedules that name none. */
  timeZone: string;
}

/** Loads the programs of a programs file. Throws a {@link ConfigError}. */
export function loadPrograms(file: string): Programs {
  return loadProgramsFile(file, 'UTC').programs;
}

/** Loads a programs file; `timeZone` applies to schedules that name none. Throws a {@link ConfigError}. */
export function loadProgramsFile(file: string, timeZone: string): ProgramsFile {
  return parsePrograms(readProgramsFile(file), basename(file), { folder: dirname(file), timeZone });
}

/** Returns the text of a programs file. Throws a {@link ConfigError} if it cannot be read. */
export function readProgramsFile(file: string): string {
  const decoded = decodeText(readProgramsBytes(file));
  if (decoded.ok) return decoded.text;
  throw new ConfigError('The programs file', [`${basename(file)}:${decoded.line}: ${decoded.problem}`]);
}

function readProgramsBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const problem =
      code === 'ENOENT'
        ? `${file} does not exist. Run passbridge init to create one, or set PROGRAMS_FILE`
        : `${file} cannot be read: ${problemOf(error)}`;
    throw new ConfigError('The programs file', [problem]);
  }
}

/** Parses the text of a programs file; `name` is the file in problems. Throws a {@link ConfigError}. */
export function parsePrograms(text: string, name: string, { folder, timeZone }: ParseOptions): ProgramsFile {
  const yaml = readYaml(text, name);
  if (!yaml.ok) throw new ConfigError('The programs file', yaml.problems);

  const { source: file } = yaml;
  const refuse = (found: readonly PathProblem[]) => new ConfigError('The programs file', file.report(found));
  const shaped = programsShape.safeParse(file.value, { reportInput: true });
  if (!shaped.success) {
    throw refuse([
      ...shaped.error.issues.flatMap(shapeProblems),
      ...templateProblems(file.value),
      ...pastedSecrets(file.value),
    ]);
  }

  const programs = new Map<string, Program>();
  const problems = pastedSecrets(file.value);
  for (const [program, source] of Object.entries(shaped.data.programs)) {
    const compiled = compileProgram(program, source);
    const problem = source.vouchers === undefined ? undefined : vouchersProblem(source.vouchers, folder);
    if (problem !== undefined) problems.push({ path: ['programs', program, 'vouchers'], problem });
    if (compiled.ok) {
      programs.set(program, compiled.program);
      continue;
    }
    for (const found of compiled.problems) {
      problems.push({ path: ['programs', program, ...found.path], problem: found.problem });
    }
  }
  const schedules = new Map<string, Schedule>();
  const programNames = Object.keys(shaped.data.programs);
  for (const [schedule, spec] of Object.entries(shaped.data.schedules ?? {})) {
    const compiled = compileSchedule(schedule, spec, {
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
