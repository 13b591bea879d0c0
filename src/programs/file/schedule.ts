/** One schedule of the file, compiled: what it asks for fits the program, its cron comes due, its condition can be judged. */

import { resolve } from 'node:path';
import { readCron } from '../../domain/schedules/cron.ts';
import { passActionOf } from '../../domain/campaigns/campaign.ts';
import { guardsOf } from '../../domain/campaigns/guard-options.ts';
import { LONGEST_TEXT } from '../../domain/jobs/pass-job.ts';
import { type Program, templateOf } from '../../domain/jobs/program.ts';
import { isZone } from '../../domain/campaigns/quiet-hours.ts';
import type { Schedule } from '../../domain/schedules/schedule.ts';
import type { BodyPath, BodyProblem } from '../template/body.ts';
import type { ConditionCompiler } from '../template/condition.ts';
import { didYouMean } from '../../config/nearest.ts';
import { guardMisuses } from './schedule-guards.ts';
import type { ScheduleSpec } from './schedule-shape.ts';

export type CompiledSchedule = { ok: true; schedule: Schedule } | { ok: false; problems: BodyProblem[] };

interface Deps {
  conditionOf: ConditionCompiler;
  /** Those that could be compiled. */
  programs: ReadonlyMap<string, Program>;
  /** All that the file names. */
  programNames: readonly string[];
  /** All sources that the file names. */
  sourceNames: readonly string[];
  /** Where relative paths start: the folder of the file. */
  folder: string;
  /** Where a schedule names none. */
  timeZone: string;
}

const DEFAULT_START_WITHIN_MS = 15 * 60_000;

/** Compiles a schedule; problems are placed relative to it. */
export function compileSchedule(
  name: string,
  spec: ScheduleSpec,
  { conditionOf, programs, programNames, sourceNames, folder, timeZone: configured }: Deps,
): CompiledSchedule {
  const problems: BodyProblem[] = [];
  const report = (path: BodyPath, problem: string) => problems.push({ path, problem });
  const timeZone = spec.timeZone ?? configured;
  if (!isZone(timeZone)) report(['timeZone'], `there is no time zone ${timeZone}, e.g. Europe/Prague`);
  const read = readCron(spec.cron, isZone(timeZone) ? timeZone : 'UTC');
  if (!read.ok) report(['cron'], read.problem);

  if (!programNames.includes(spec.program)) {
    report(['program'], `there is no program ${spec.program}${didYouMean(spec.program, programNames)}`);
  }
  if (typeof spec.source === 'string' && !sourceNames.includes(spec.source)) {
    report(['source'], `there is no source ${spec.source}${didYouMean(spec.source, sourceNames)}`);
  }
  const program = programs.get(spec.program);
  if (program !== undefined) problems.push(...misfits(spec, program));
  problems.push(...guardMisuses(spec));
  if (spec.where !== undefined) {
    const compiled = conditionOf(spec.where);
    if (!compiled.ok) for (const problem of compiled.problems) report(['where'], problem);
  }
  if (problems.length > 0 || !read.ok) return { ok: false, problems };

  const { action, text, useBy: useByMs, where } = spec;
  return {
    ok: true,
    schedule: {
      name,
      program: spec.program,
      action,
      source:
        typeof spec.source === 'string'
          ? { kind: 'named', name: spec.source }
          : { kind: 'file', path: resolve(folder, spec.source.file) },
      expression: spec.cron,
      timeZone,
      cron: read.cron,
      ...(text !== undefined && { text }),
      ...(useByMs !== undefined && { useByMs }),
      ...(spec.guards !== undefined && { guards: guardsOf(spec.guards, timeZone) }),
      ...(where !== undefined && { where }),
      ...(spec.skipBadRows === true && { skipBadRows: true }),
      overlap: spec.overlap ?? 'skip',
      missed: spec.missed ?? 'run-once',
      startWithinMs: spec.startWithin ?? DEFAULT_START_WITHIN_MS,
      enabled: spec.enabled ?? true,
    },
  };
}

/** What would refuse every run of it. */
function misfits({ action, text }: ScheduleSpec, program: Program): BodyProblem[] {
  const section = passActionOf(action);
  const template = templateOf(program, section);
  const place = `${program.name}.${section}`;
  if (template === undefined) {
    return [{ path: ['action'], problem: `sends ${place}, which the file does not have` }];
  }
  if (text === undefined) {
    return template.usesText ? [{ path: ['text'], problem: `is missing: ${place} shows {{ text }}` }] : [];
  }
  if (!template.usesText)
    return [{ path: ['text'], problem: `is shown nowhere: ${place} has no {{ text }}` }];
  if (text.length <= LONGEST_TEXT) return [];
  return [
    { path: ['text'], problem: `has ${text.length} characters, and a card shows ${LONGEST_TEXT} at most` },
  ];
}
