/** Compiles one schedule of the programs file: checks it against its program and source, and parses its cron expression. */

import { resolve } from 'node:path';
import { passActionOf } from '../../domain/campaigns/campaign.ts';
import { keyOf, rulesBroken, textProblem } from '../../domain/campaigns/options/campaign-options.ts';
import { guardsOf } from '../../domain/campaigns/safeguards/guards.ts';
import { isZone } from '../../domain/campaigns/safeguards/quiet-hours.ts';
import { type Program, templateOf } from '../../domain/jobs/program.ts';
import { parseCron } from '../../domain/schedules/cron.ts';
import type { Schedule } from '../../domain/schedules/schedule.ts';
import { didYouMean } from '../../kit/did-you-mean.ts';
import type { JsonPath, PathProblem } from '../../kit/json-path.ts';
import { compileCondition } from '../template/condition.ts';
import { compileText } from '../template/notification-text.ts';
import { optionPaths, type ScheduleSpec } from './schedule-shape.ts';

export type CompiledSchedule = { ok: true; schedule: Schedule } | { ok: false; problems: PathProblem[] };

interface Deps {
  /** The programs that compiled. */
  programs: ReadonlyMap<string, Program>;
  /** All programs in the file. */
  programNames: readonly string[];
  /** All sources in the file. */
  sourceNames: readonly string[];
  /** Folder of the file, against which relative paths are resolved. */
  folder: string;
  /** Time zone of a schedule without its own. */
  timeZone: string;
}

const DEFAULT_START_WITHIN_MS = 15 * 60_000;

/** Compiles a schedule; the paths of problems are relative to it. */
export function compileSchedule(
  name: string,
  spec: ScheduleSpec,
  { programs, programNames, sourceNames, folder, timeZone: configured }: Deps,
): CompiledSchedule {
  const problems: PathProblem[] = [];
  const report = (path: JsonPath, problem: string) => problems.push({ path, problem });
  const timeZone = spec.timeZone ?? configured;
  if (!isZone(timeZone)) report(['timeZone'], `there is no time zone ${timeZone}, e.g. Europe/Prague`);
  const parsed = parseCron(spec.cron, isZone(timeZone) ? timeZone : 'UTC');
  if (!parsed.ok) report(['cron'], parsed.problem);

  if (!programNames.includes(spec.program)) {
    report(['program'], `there is no program ${spec.program}${didYouMean(spec.program, programNames)}`);
  }
  if (typeof spec.source === 'string' && !sourceNames.includes(spec.source)) {
    report(['source'], `there is no source ${spec.source}${didYouMean(spec.source, sourceNames)}`);
  }
  const program = programs.get(spec.program);
  if (program !== undefined) problems.push(...programProblems(spec, program));
  problems.push(...ruleProblems(spec));
  if (spec.where !== undefined) {
    const compiled = compileCondition(spec.where);
    if (!compiled.ok) for (const problem of compiled.problems) report(['where'], problem);
  }
  if (problems.length > 0 || !parsed.ok) return { ok: false, problems };

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
      cron: parsed.cron,
      ...(text !== undefined && { text }),
      ...(useByMs !== undefined && { useByMs }),
      ...(spec.guards !== undefined && { guards: guardsOf(spec.guards, { timeZone }) }),
      ...(where !== undefined && { where }),
      ...(spec.skipBadRows === true && { skipBadRows: true }),
      ...(spec.encoding !== undefined && spec.encoding !== 'utf-8' && { encoding: spec.encoding }),
      overlap: spec.overlap ?? 'skip',
      missed: spec.missed ?? 'run-once',
      startWithinMs: spec.startWithin ?? DEFAULT_START_WITHIN_MS,
      enabled: spec.enabled ?? true,
    },
  };
}

/** Reports what would make every run fail. */
function programProblems({ action, text }: ScheduleSpec, program: Program): PathProblem[] {
  const section = passActionOf(action);
  const path = `${program.name}.${section}`;
  const template = templateOf(program, section);
  if (template === undefined) {
    return [{ path: ['action'], problem: `sends ${path}, which the file does not have` }];
  }
  const problem = textProblem(path, template, text);
  if (problem !== undefined) return [{ path: ['text'], problem }];
  const compiled = text === undefined ? undefined : compileText(text);
  return compiled?.ok === false ? compiled.problems.map((each) => ({ path: ['text'], problem: each })) : [];
}

/** Reports options that do nothing together with the action or without another option. */
function ruleProblems(spec: ScheduleSpec): PathProblem[] {
  const { guards = {}, action } = spec;
  const given: Readonly<Record<string, unknown>> = { ...spec, ...guards, timeZone: guards.timeZone };
  const keys = optionPaths
    .map(({ key }) => key)
    .filter((key) => given[key] !== undefined && given[key] !== false);
  return rulesBroken(keys, action, keyOf).map(({ key, problem }) => ({
    path: optionPaths.find((option) => option.key === key)?.path ?? [key],
    problem,
  }));
}
