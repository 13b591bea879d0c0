/** `passbridge schedules list|next|run|skip|enable|disable`. */

import { systemClock } from '../../kit/clock.ts';
import type { ScheduleDeps } from '../../services/schedules/schedule-status.ts';
import { type DeclareCommand, environment, type ExitCode, localAction, withPassbridge } from '../command.ts';
import { atLeastOne } from '../flag-values.ts';
import { describeSchedules, localTime } from '../output/schedule-table.ts';
import { say } from '../output/terminal.ts';

const MAX_TIMES = 1000;

interface NextFlags {
  count: number;
  json?: boolean;
}

interface ReasonFlag {
  reason?: string;
}

export const declareSchedules: DeclareCommand = (program, ended) => {
  const schedules = program.command('schedules').description('show and control campaigns that start by cron');

  schedules
    .command('list', { isDefault: true })
    .description('list schedules with their next run, last run, and missed runs that need a decision')
    .option('--json', 'print JSON')
    .action(async (flags: { json?: boolean }) => ended(await list(flags)));

  schedules
    .command('next')
    .description('show the next due times from the programs file')
    .argument('[schedule]', 'only this schedule')
    .option('--count <n>', 'show this many times per schedule', atLeastOne, 5)
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, flags: NextFlags) => ended(await next(name, flags)));

  const declareChange = (command: string, description: string) =>
    schedules
      .command(command)
      .description(description)
      .argument('<schedule>', 'name of the schedule')
      .option('--reason <text>', 'recorded in the audit');

  declareChange('run', 'start a run now, also in place of missed runs that need a decision').action(
    async (name: string, flags: ReasonFlag) => ended(await run(name, flags)),
  );
  declareChange('skip', 'skip the missed runs that need a decision').action(
    async (name: string, flags: ReasonFlag) => ended(await skip(name, flags)),
  );
  declareChange('enable', 'start campaigns automatically').action(async (name: string, flags: ReasonFlag) =>
    ended(await switchTo(true, name, flags)),
  );
  declareChange(
    'disable',
    'do not start campaigns automatically until enabled again; runs due in between are not made up',
  ).action(async (name: string, flags: ReasonFlag) => ended(await switchTo(false, name, flags)));
};

function list({ json }: { json?: boolean }): Promise<ExitCode> {
  return withScheduleService(async (service) => {
    const { listSchedules } = await import('../../services/schedules/schedules.ts');
    const { publicSchedule } = await import('../../domain/schedules/schedule-view.ts');
    const views = await listSchedules(service);
    say(json === true ? JSON.stringify({ schedules: views.map(publicSchedule) }) : describeSchedules(views));
    return 0;
  });
}

/** Starts a run, or queues it behind the unfinished one, depending on the overlap rule. */
function run(name: string, { reason }: ReasonFlag): Promise<ExitCode> {
  return withScheduleService(async (service) => {
    const { runSchedule } = await import('../../services/schedules/schedules.ts');
    const { kind, campaign } = await runSchedule(service, name, localAction(reason));
    if (kind === 'waits') {
      say(`${name}: starts when ${campaign} has ended`);
      return 0;
    }
    say(`${campaign}: started`);
    const workers = await service.stores.passQueue.workers();
    if (workers === 0) say('No worker is running: sending starts when `passbridge up` runs.');
    return 0;
  });
}

function skip(name: string, { reason }: ReasonFlag): Promise<ExitCode> {
  return withScheduleService(async (service) => {
    const { skipMissed } = await import('../../services/schedules/schedules.ts');
    const { countedRuns } = await import('../../domain/schedules/due-runs.ts');
    say(`${name}: ${countedRuns(await skipMissed(service, name, localAction(reason)))} skipped`);
    return 0;
  });
}

function switchTo(enabled: boolean, name: string, { reason }: ReasonFlag): Promise<ExitCode> {
  return withScheduleService(async (service) => {
    const { scheduleNamed, switchSchedule } = await import('../../services/schedules/schedules.ts');
    await switchSchedule(service, name, enabled, localAction(reason));
    const { cron, timeZone } = scheduleNamed(service, name);
    say(
      enabled ? `${name}: on, next at ${localTime(cron.after(service.clock()), timeZone)}` : `${name}: off`,
    );
    return 0;
  });
}

/** Works from the programs file alone, without Redis. */
async function next(name: string | undefined, { count, json }: NextFlags): Promise<ExitCode> {
  const { loadConfig } = await import('../../config/load.ts');
  const { loadProgramsFile } = await import('../../programs/file/programs.ts');
  const { scheduleNamed } = await import('../../services/schedules/schedules.ts');
  const config = loadConfig(environment());
  const file = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const chosen = name === undefined ? [...file.schedules.values()] : [scheduleNamed({ file }, name)];
  const found = chosen.map((schedule) => ({
    schedule,
    due: schedule.cron.between(systemClock(), Infinity, Math.min(count, MAX_TIMES)),
  }));
  if (json === true) {
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

async function withScheduleService(work: (service: ScheduleDeps) => Promise<ExitCode>): Promise<ExitCode> {
  const { readVariables } = await import('../../config/load.ts');
  const { loadSources } = await import('../../programs/file/sources.ts');
  const { makeRunFetcher } = await import('../../services/schedules/run-fetcher.ts');
  return withPassbridge(['programs'], async ({ config, file, stores, log }) => {
    const sources = loadSources(config.files.programs, readVariables(environment()));
    const fetcher = makeRunFetcher({ config, file: { sources }, ...stores });
    try {
      return await work({ config, file, stores, fetcher, clock: systemClock, log });
    } finally {
      await fetcher.stop();
    }
  });
}
