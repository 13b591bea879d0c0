/** Runs schedules: every second, each feeder process decides on due times and starts due runs. */

import { decideDue } from '../../domain/schedules/due-runs.ts';
import {
  MAX_MISSED,
  type MissedRuns,
  type Schedule,
  type Schedules,
  timingOf,
} from '../../domain/schedules/schedule.ts';
import type { Part } from '../../kit/part.ts';
import { startPeriodic } from '../../kit/periodic.ts';
import { isEnabled, type ScheduleDeps } from './schedule-status.ts';
import { startRun, stopReplaced } from './start-run.ts';

const EVERY_MS = 1000;

/**
 * Runs once before it returns, and then every second. From now on the due times of this process's file
 * apply, not those of a process that was started earlier; the same holds when the file is reloaded.
 */
export async function startSchedules(deps: ScheduleDeps): Promise<Part> {
  let adopted: Schedules | undefined;
  const work = async () => {
    const { schedules } = deps.file;
    if (schedules !== adopted) {
      await Promise.all([...schedules.values()].map((schedule) => adoptTiming(deps, schedule)));
    }
    adopted = schedules;
    await runDueSchedules(deps);
  };
  await work().catch((error: unknown) => deps.log.error({ event: 'schedules.failed', err: error }));
  return startPeriodic({ name: 'schedules', everyMs: EVERY_MS, firstAfterMs: EVERY_MS, work, log: deps.log });
}

/** Decides on due times and starts due runs, once. An error of one schedule does not affect the others. */
export async function runDueSchedules(deps: ScheduleDeps): Promise<void> {
  const { file, stores, log } = deps;
  const isolated = async (schedule: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      log.error({ event: 'schedule.failed', schedule, err: error });
    }
  };
  for (const schedule of file.schedules.values()) {
    await isolated(schedule.name, () => stopReplaced(deps, schedule.name));
    await isolated(schedule.name, () => decideDueTimes(deps, schedule));
  }
  for (const dueRun of await stores.schedules.dueRuns()) {
    await isolated(dueRun.schedule, () => startRun(deps, dueRun));
  }
}

/** Makes the timing of this process's file the one that applies; if it differs, due times count from now on. */
export async function adoptTiming({ stores, clock }: ScheduleDeps, schedule: Schedule): Promise<void> {
  await stores.schedules.adopt(schedule.name, timingOf(schedule), clock());
}

/** Decides on the due times of one schedule since the last decision of any process. */
async function decideDueTimes(deps: ScheduleDeps, schedule: Schedule): Promise<void> {
  const { stores, clock, log } = deps;
  const { name } = schedule;
  const state = await stores.schedules.find(name);
  if (state.timing === undefined || state.through === undefined) return adoptTiming(deps, schedule);
  // A process that was started later has read another file, which applies.
  if (state.timing !== timingOf(schedule) || !isEnabled(schedule, state)) return;
  const due = decideDue(schedule, state.through, clock());
  if (due === undefined) return;
  const { through, dueRun, missed: run } = due;
  const undecided = joined(state.undecided, due.undecided);
  const decision = {
    through,
    ...(dueRun && { dueRun }),
    ...(undecided && { undecided }),
    ...(run && { run }),
  };
  if (!(await stores.schedules.decide(name, state, decision))) return;
  log.info({ event: 'schedule.due', schedule: name, ...decision }, 'decided on due times');
}

/** Adds missed runs to those that are already undecided. */
function joined(before: MissedRuns | undefined, now: MissedRuns | undefined): MissedRuns | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  return { count: Math.min(before.count + now.count, MAX_MISSED), first: before.first, last: now.last };
}
