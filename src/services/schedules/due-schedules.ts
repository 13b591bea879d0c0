/** Decides on due times as they come, whoever looks first. */

import { decideDue } from '../../domain/schedules/due-runs.ts';
import { MOST_MISSED, type MissedRuns, type Schedule, timingOf } from '../../domain/schedules/schedule.ts';
import { isEnabled, type ScheduleDesk } from './schedule-deps.ts';

/** Has due times reckoned by the words of this process's file, from now on where they are others. */
export async function adopt({ stores, clock }: ScheduleDesk, schedule: Schedule): Promise<void> {
  await stores.schedules.adopt(schedule.name, timingOf(schedule), clock());
}

/** Decides on the due times of one schedule that have come since the last look. */
export async function decideOn(service: ScheduleDesk, schedule: Schedule): Promise<void> {
  const { stores, clock, log } = service;
  const { name } = schedule;
  const state = await stores.schedules.find(name);
  if (state.timing === undefined || state.through === undefined) return adopt(service, schedule);
  // A process that started later reads another file; its word counts.
  if (state.timing !== timingOf(schedule) || !isEnabled(schedule, state)) return;
  const found = decideDue(schedule, state.through, clock());
  if (found === undefined) return;
  const { through, dueRun, missed: run } = found;
  const ask = joined(state.ask, found.ask);
  const decision = { through, ...(dueRun && { dueRun }), ...(ask && { ask }), ...(run && { run }) };
  if (!(await stores.schedules.decide(name, state, decision))) return;
  log.info({ event: 'schedule.due', schedule: name, ...decision }, 'due times were decided on');
}

/** What is to be asked, with what was to be asked before. */
function joined(before: MissedRuns | undefined, now: MissedRuns | undefined): MissedRuns | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  return { count: Math.min(before.count + now.count, MOST_MISSED), first: before.first, last: now.last };
}
