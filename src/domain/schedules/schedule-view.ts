/** A schedule as an operator sees it: what the file says, what became of it so far, and what comes next. */

import type { DueRun, MissedRuns, Schedule, ScheduleRun, ScheduleSwitch } from './schedule.ts';

export interface ScheduleView {
  schedule: Schedule;
  state: {
    /** Set by an operator; absent where the file alone counts. */
    switched?: ScheduleSwitch;
    /** Missed runs that wait for a person's word. */
    ask?: MissedRuns;
  };
  /** What became of the last ones, newest first. */
  runs: ScheduleRun[];
  enabled: boolean;
  /** Milliseconds since 1970; absent where it is off. */
  next?: number;
  /** Runs that have not begun: they wait for the one before, or for their source. */
  waiting: DueRun[];
}

/** The fields that scripts rely on; times are ISO 8601 in UTC. */
export function publicSchedule({ schedule, state, runs, enabled, next, waiting }: ScheduleView) {
  const { name, program, action, expression: cron, timeZone, overlap, missed } = schedule;
  const { ask, switched } = state;
  return {
    name,
    program,
    action,
    cron,
    timeZone,
    overlap,
    missed,
    enabled,
    next: next === undefined ? null : iso(next),
    switched: switched === undefined ? null : { ...switched, at: iso(switched.at) },
    ask: ask === undefined ? null : { count: ask.count, first: iso(ask.first), last: iso(ask.last) },
    waiting: waiting.map(({ id, note }) => ({ id, note: note ?? null })),
    runs: runs.map(publicRun),
  };
}

function publicRun({ due, cause, at, result, campaign, note }: ScheduleRun) {
  return { due: iso(due), cause, at: iso(at), result, campaign: campaign ?? null, note: note ?? null };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
