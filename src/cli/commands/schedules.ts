/** `passbridge schedules …`: what comes due and what became of it, for people or, with `--json`, for machines. */

import { openProcess } from '../../app/process.ts';
import { makeRunFetcher } from '../../services/schedules/run-fetcher.ts';
import type { ScheduleDesk } from '../../services/schedules/schedule-deps.ts';
import {
  listSchedules,
  runSchedule,
  scheduleNamed,
  skipMissed,
  switchSchedule,
} from '../../services/schedules/schedules.ts';
import { loadConfig, readVariables } from '../../config/load.ts';
import { loadProgramsFile } from '../../programs/file/programs.ts';
import { loadSources } from '../../programs/file/sources.ts';
import { counted } from '../../domain/schedules/due-runs.ts';
import { systemClock } from '../../kit/clock.ts';
import { publicSchedule } from '../../domain/schedules/schedule-view.ts';
import { localAction } from './act.ts';
import type { ExitCode } from '../exit-code.ts';
import { describeSchedules, localTime } from '../output/schedule-table.ts';
import { host, makeFileLogger, say } from '../output/terminal.ts';

/** All schedules: when each comes due next, what became of its last run, what waits for an answer. */
export function list({ json }: { json: boolean }): Promise<ExitCode> {
  return atService(async (service) => {
    const views = await listSchedules(service);
    say(json ? JSON.stringify({ schedules: views.map(publicSchedule) }) : describeSchedules(views));
    return 0;
  });
}

/** Starts a run now, or has it wait for the one before, by the overlap rule. */
export function run(name: string, { reason }: { reason?: string }): Promise<ExitCode> {
  return atService(async (service) => {
    const { kind, campaign } = await runSchedule(service, name, localAction(reason));
    if (kind === 'waits') {
      say(`${name}: starts once ${campaign} has ended`);
      return 0;
    }
    say(`${campaign}: started`);
    const workers = await service.stores.passQueue.workers();
    if (workers === 0) say('No worker is running now: it goes on as soon as `passbridge up` does.');
    return 0;
  });
}

/** Leaves out the missed runs that wait for an answer. */
export function skip(name: string, { reason }: { reason?: string }): Promise<ExitCode> {
  return atService(async (service) => {
    say(`${name}: ${counted(await skipMissed(service, name, localAction(reason)))} left out`);
    return 0;
  });
}

/** Switches a schedule on or off. */
export function switchTo(enabled: boolean, name: string, { reason }: { reason?: string }): Promise<ExitCode> {
  return atService(async (service) => {
    await switchSchedule(service, name, enabled, localAction(reason));
    const { cron, timeZone } = scheduleNamed(service, name);
    say(
      enabled ? `${name}: on, next at ${localTime(cron.after(service.clock()), timeZone)}` : `${name}: off`,
    );
    return 0;
  });
}

/** The next due times by the file alone: of one schedule or of all. */
export function next(name: string | undefined, { count, json }: { count: number; json: boolean }): ExitCode {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const file = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const wanted = name === undefined ? [...file.schedules.values()] : [scheduleNamed({ file }, name)];
  const found = wanted.map((schedule) => ({
    schedule,
    due: schedule.cron.between(systemClock(), Infinity, count),
  }));
  if (json) {
    const times = found.map(({ schedule, due }) => [
      schedule.name,
      due.map((time) => new Date(time).toISOString()),
    ]);
    say(JSON.stringify({ next: Object.fromEntries(times) as Record<string, string[]> }));
    return 0;
  }
  const lines = found.map(({ schedule, due }) =>
    [schedule.name, ...due.map((time) => `  ${localTime(time, schedule.timeZone)}`)].join('\n'),
  );
  say(lines.length === 0 ? describeSchedules([]) : lines.join('\n'));
  return 0;
}

async function atService(work: (service: ScheduleDesk) => Promise<ExitCode>): Promise<ExitCode> {
  const environment = { env: process.env, cwd: process.cwd() };
  const config = loadConfig(environment);
  const file = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const sources = loadSources(config.files.programs, readVariables(environment));
  const log = makeFileLogger(config);
  const passbridge = await openProcess(config, host, log);
  const { stores } = passbridge;
  const fetcher = makeRunFetcher({ config, file: { sources }, ...stores });
  try {
    return await work({ config, file, stores, fetcher, clock: systemClock, log });
  } finally {
    await fetcher.stop();
    await passbridge.close();
  }
}
