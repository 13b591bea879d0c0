/** Schedules as an operator sees and handles them. */

import { UserError } from '../../kit/user-error.ts';
import { nearest } from '../../config/nearest.ts';
import {
  type DueRun,
  type MissedRuns,
  runId,
  type Schedule,
  type ScheduleRun,
} from '../../domain/schedules/schedule.ts';
import type { ScheduleView } from '../../domain/schedules/schedule-view.ts';
import { sleep } from '../../kit/clock.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { Decision, ScheduleState } from '../../ledger/campaigns/schedules.ts';
import { recorded } from '../operators/audit.ts';
import type { Act } from '../campaigns/control.ts';
import { begin } from './start-run.ts';
import { goingOn, isEnabled, type ScheduleDesk } from './schedule-deps.ts';

const FETCH_POLL_MS = 200;

/** What it takes to handle schedules without running them. */
export type SchedulesAtHand = Pick<ScheduleDesk, 'stores' | 'clock'> & {
  file: Pick<ProgramsFile, 'schedules'>;
};

/** All schedules, in the order of the file. */
export async function listSchedules({ file, stores, clock }: SchedulesAtHand): Promise<ScheduleView[]> {
  const dueRuns = await stores.schedules.dueRuns();
  const view = async (schedule: Schedule): Promise<ScheduleView> => {
    const [state, runs] = await Promise.all([
      stores.schedules.find(schedule.name),
      stores.schedules.runs(schedule.name),
    ]);
    const enabled = isEnabled(schedule, state);
    const waiting = dueRuns.filter((dueRun) => dueRun.schedule === schedule.name);
    return {
      schedule,
      state,
      runs,
      enabled,
      waiting,
      ...(enabled && { next: schedule.cron.after(clock()) }),
    };
  };
  return Promise.all([...file.schedules.values()].map(view));
}

/** What came of a run that was asked for; `campaign` is the one that it waits for, or that it will be. */
export interface AskedRun {
  kind: 'started' | 'waits';
  campaign: string;
}

/**
 * Starts a run now, whatever the cron says, switched on or not; it answers for missed runs that
 * wait for an answer. Throws a {@link UserError} where it comes to nothing.
 */
export async function runSchedule(service: ScheduleDesk, name: string, act: Act): Promise<AskedRun> {
  return askToRun(service, name, act, async (asked) => {
    // A feeder may be quicker: what came of it is in the ledger.
    for (;;) {
      const dueRun = await standing(service, asked);
      if (dueRun !== undefined) await begin(service, dueRun);
      const outcome = await outcomeOfRun(service, asked);
      if (outcome !== undefined) return outcome;
      // Its source is being fetched.
      await sleep(FETCH_POLL_MS);
    }
  });
}

/**
 * Writes down that a run is to begin now, which feeders look for, and has it followed. Throws a
 * {@link UserError} for a name that there is none of.
 */
export async function askToRun(
  service: SchedulesAtHand,
  name: string,
  act: Act,
  follow: (asked: DueRun) => Promise<AskedRun>,
): Promise<AskedRun> {
  scheduleNamed(service, name);
  const at = service.clock();
  const due = Math.floor(at / 1000) * 1000;
  const asked = { id: runId(name, due), schedule: name, due, cause: 'asked', at, by: act.by } as const;
  const change = { on: name, after: { campaign: asked.id } };
  return recorded(service.stores, { ...act, act: 'schedule.run', ...change }, async () => {
    await insistOn(service, name, ({ ask }) => ({
      ...(ask !== undefined && { ask }),
      dueRun: { ...asked, standsFor: ask?.count ?? 0 },
    }));
    return follow({ ...asked, standsFor: 0 });
  });
}

/** Undefined while it waits for its source. Throws a {@link UserError} where it has come to nothing. */
export async function outcomeOfRun(
  service: SchedulesAtHand,
  { id, schedule, due }: DueRun,
): Promise<AskedRun | undefined> {
  const { stores } = service;
  if ((await stores.campaigns.find(id)) !== undefined) return { kind: 'started', campaign: id };
  const runs = await stores.schedules.runs(schedule);
  const run = runs.find((other) => other.due === due && other.cause === 'asked');
  if (run !== undefined)
    throw new UserError('SCHEDULE_REFUSED', `${schedule} was not started. ${run.note ?? ''}`);
  const before = await goingOn(service, await stores.schedules.find(schedule));
  return before === undefined ? undefined : { kind: 'waits', campaign: before.id };
}

async function standing({ stores }: SchedulesAtHand, { id }: DueRun): Promise<DueRun | undefined> {
  return (await stores.schedules.dueRuns()).find((other) => other.id === id);
}

/** Answers missed runs by leaving them out. Throws a {@link UserError} where none waits for an answer. */
export async function skipMissed(service: SchedulesAtHand, name: string, act: Act): Promise<number> {
  scheduleNamed(service, name);
  const { count } = missedOf(await service.stores.schedules.find(name), name);
  const change = { on: name, before: { missed: count }, after: { missed: 0 } };
  return recorded(service.stores, { ...act, act: 'schedule.skip', ...change }, async () => {
    let skipped = 0;
    await insistOn(service, name, (state) => {
      const ask = missedOf(state, name);
      skipped = ask.count;
      const note = `${ask.count} missed, left out by ${act.by}.${act.reason === '' ? '' : ` ${act.reason}`}`;
      const run: ScheduleRun = {
        due: ask.last,
        cause: 'missed',
        at: service.clock(),
        result: 'skipped',
        note,
      };
      return { run };
    });
    return skipped;
  });
}

function missedOf({ ask }: ScheduleState, name: string): MissedRuns {
  if (ask !== undefined) return ask;
  throw new UserError('SCHEDULE_REFUSED', `${name} has no missed runs that wait for an answer.`);
}

/** Switches a schedule on or off, whatever the file says, for all processes and over restarts. */
export async function switchSchedule(
  service: SchedulesAtHand,
  name: string,
  enabled: boolean,
  act: Act,
): Promise<void> {
  const { stores, clock } = service;
  const before = isEnabled(scheduleNamed(service, name), await stores.schedules.find(name));
  const change = { on: name, before: { enabled: before }, after: { enabled } };
  const { by, reason } = act;
  await recorded(stores, { ...act, act: `schedule.${enabled ? 'enable' : 'disable'}`, ...change }, () =>
    stores.schedules.switch(name, { enabled, at: clock(), by, reason }),
  );
}

/** The schedule of that name. Throws a {@link UserError} that names those there are. */
export function scheduleNamed({ file }: Pick<SchedulesAtHand, 'file'>, name: string): Schedule {
  const schedule = file.schedules.get(name);
  if (schedule !== undefined) return schedule;
  const names = [...file.schedules.keys()];
  if (names.length === 0)
    throw new UserError('SCHEDULE_REFUSED', 'The programs file has no schedules: see docs/schedules.md.');
  const hint = nearest(name, names);
  throw new UserError(
    'SCHEDULE_REFUSED',
    `There is no schedule ${name}${hint === undefined ? '' : `, did you mean ${hint}`}? The programs file has: ${names.join(', ')}`,
  );
}

/** Decides on the newest state, however often others are quicker. */
async function insistOn(
  { stores }: SchedulesAtHand,
  name: string,
  decision: (state: ScheduleState) => Decision,
): Promise<void> {
  for (;;) {
    const state = await stores.schedules.find(name);
    if (await stores.schedules.decide(name, state, decision(state))) return;
  }
}
