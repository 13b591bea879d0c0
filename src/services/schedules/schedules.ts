/** What operators do with schedules: list them, start a run, skip missed runs, enable and disable them. */

import {
  type DueRun,
  type MissedRuns,
  runId,
  type Schedule,
  type ScheduleRun,
} from '../../domain/schedules/schedule.ts';
import type { ScheduleView } from '../../domain/schedules/schedule-view.ts';
import { sleep } from '../../kit/clock.ts';
import { didYouMean } from '../../kit/did-you-mean.ts';
import { UserError } from '../../kit/user-error.ts';
import type { Decision, ScheduleState } from '../../ledger/campaigns/schedules.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { ActionContext } from '../campaigns/control.ts';
import { audited } from '../operators/audit.ts';
import { isEnabled, type ScheduleDeps, unfinishedCampaign } from './schedule-status.ts';
import { startRun } from './start-run.ts';

const FETCH_POLL_MS = 200;

/** What operators need to manage schedules without running them. */
export type ScheduleQueryDeps = Pick<ScheduleDeps, 'stores' | 'clock'> & {
  file: Pick<ProgramsFile, 'schedules'>;
};

/** Returns all schedules, in the order of the file. */
export async function listSchedules({ file, stores, clock }: ScheduleQueryDeps): Promise<ScheduleView[]> {
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

/** The result of a requested run; `campaign` is the one that it waits for, or its own. */
export interface RequestedRun {
  kind: 'started' | 'waits';
  campaign: string;
}

/**
 * Starts a run now, whether or not the schedule is due or enabled; the run also settles undecided missed
 * runs. Throws a {@link UserError} if it cannot be started.
 */
export async function runSchedule(
  deps: ScheduleDeps,
  name: string,
  context: ActionContext,
): Promise<RequestedRun> {
  return requestRun(deps, name, context, async (requested) => {
    // A feeder may start the run first; its result is in the ledger.
    for (;;) {
      const dueRun = (await deps.stores.schedules.dueRuns()).find(({ id }) => id === requested.id);
      if (dueRun !== undefined) await startRun(deps, dueRun);
      const result = await resultOfRun(deps, requested);
      if (result !== undefined) return result;
      // Its source is being fetched.
      await sleep(FETCH_POLL_MS);
    }
  });
}

/**
 * Stores a due run, which feeders start, and waits for it with `follow`. Throws a {@link UserError} for an
 * unknown schedule.
 */
export async function requestRun(
  deps: ScheduleQueryDeps,
  name: string,
  context: ActionContext,
  follow: (requested: DueRun) => Promise<RequestedRun>,
): Promise<RequestedRun> {
  scheduleNamed(deps, name);
  const at = deps.clock();
  const due = Math.floor(at / 1000) * 1000;
  const requested = {
    id: runId(name, due),
    schedule: name,
    due,
    cause: 'manual',
    at,
    by: context.by,
  } as const;
  const change = { target: name, after: { campaign: requested.id } };
  return audited(deps.stores, { ...context, action: 'schedule.run', ...change }, async () => {
    await decide(deps, name, ({ undecided }) => ({
      ...(undecided !== undefined && { undecided }),
      dueRun: { ...requested, makesUpFor: undecided?.count ?? 0 },
    }));
    return follow({ ...requested, makesUpFor: 0 });
  });
}

/** Returns undefined while the run waits for its source. Throws a {@link UserError} if it was skipped or refused. */
export async function resultOfRun(
  deps: ScheduleQueryDeps,
  { id, schedule, due }: DueRun,
): Promise<RequestedRun | undefined> {
  const { stores } = deps;
  if ((await stores.campaigns.find(id)) !== undefined) return { kind: 'started', campaign: id };
  const runs = await stores.schedules.runs(schedule);
  const run = runs.find((other) => other.due === due && other.cause === 'manual');
  if (run !== undefined)
    throw new UserError('SCHEDULE_REFUSED', `${schedule} was not started. ${run.note ?? ''}`);
  const before = await unfinishedCampaign(deps, await stores.schedules.find(schedule));
  return before === undefined ? undefined : { kind: 'waits', campaign: before.id };
}

/** Skips the undecided missed runs and returns their number. Throws a {@link UserError} if there are none. */
export async function skipMissed(
  deps: ScheduleQueryDeps,
  name: string,
  context: ActionContext,
): Promise<number> {
  scheduleNamed(deps, name);
  const { count } = undecidedOf(await deps.stores.schedules.find(name), name);
  const change = { target: name, before: { missed: count }, after: { missed: 0 } };
  return audited(deps.stores, { ...context, action: 'schedule.skip', ...change }, async () => {
    let skipped = 0;
    await decide(deps, name, (state) => {
      const missed = undecidedOf(state, name);
      skipped = missed.count;
      const { by, reason } = context;
      const run: ScheduleRun = {
        due: missed.last,
        cause: 'missed',
        at: deps.clock(),
        result: 'skipped',
        note: `${missed.count} missed, skipped by ${by}.${reason === '' ? '' : ` ${reason}`}`,
      };
      return { run };
    });
    return skipped;
  });
}

function undecidedOf({ undecided }: ScheduleState, name: string): MissedRuns {
  if (undecided !== undefined) return undecided;
  throw new UserError('SCHEDULE_REFUSED', `${name} has no missed runs that wait for a decision.`);
}

/** Enables or disables a schedule for all processes and across restarts, whatever the file says. */
export async function switchSchedule(
  deps: ScheduleQueryDeps,
  name: string,
  enabled: boolean,
  context: ActionContext,
): Promise<void> {
  const { stores, clock } = deps;
  const before = isEnabled(scheduleNamed(deps, name), await stores.schedules.find(name));
  const change = { target: name, before: { enabled: before }, after: { enabled } };
  const { by, reason } = context;
  const action = `schedule.${enabled ? 'enable' : 'disable'}` as const;
  await audited(stores, { ...context, action, ...change }, () =>
    stores.schedules.switch(name, { enabled, at: clock(), by, reason }),
  );
}

/** Returns the schedule of that name. Throws a {@link UserError} that lists the schedules of the file. */
export function scheduleNamed({ file }: Pick<ScheduleQueryDeps, 'file'>, name: string): Schedule {
  const schedule = file.schedules.get(name);
  if (schedule !== undefined) return schedule;
  const names = [...file.schedules.keys()];
  if (names.length === 0)
    throw new UserError('SCHEDULE_REFUSED', 'The programs file has no schedules: see docs/schedules.md.');
  throw new UserError(
    'SCHEDULE_REFUSED',
    `There is no schedule ${name}${didYouMean(name, names) || '.'} The programs file has: ${names.join(', ')}`,
  );
}

/** Decides on the latest state, and again if another process decided in between. */
async function decide(
  { stores }: ScheduleQueryDeps,
  name: string,
  decision: (state: ScheduleState) => Decision,
): Promise<void> {
  for (;;) {
    const state = await stores.schedules.find(name);
    if (await stores.schedules.decide(name, state, decision(state))) return;
  }
}
