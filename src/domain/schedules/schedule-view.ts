/** A schedule as operators see it: its definition, its past runs and the next one. */

import type { DueRun, MissedRuns, Schedule, ScheduleRun, ScheduleSwitch } from './schedule.ts';

export interface ScheduleView {
  schedule: Schedule;
  state: {
    /** Set by an operator; absent if only the file applies. */
    switched?: ScheduleSwitch;
    /** Missed runs that an operator must decide on. */
    undecided?: MissedRuns;
  };
  /** Results of the last runs, newest first. */
  runs: ScheduleRun[];
  enabled: boolean;
  /** Milliseconds since 1970; absent if the schedule is disabled. */
  next?: number;
  /** Runs that have not started: they wait for the last campaign or for their source. */
  waiting: DueRun[];
}

/** Returns the fields of the JSON output; times are ISO 8601 in UTC. */
export function publicSchedule({ schedule, state, runs, enabled, next, waiting }: ScheduleView) {
  const { name, program, action, expression: cron, timeZone, overlap, missed } = schedule;
  const { undecided, switched } = state;
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
    undecided:
      undecided === undefined
        ? null
        : { count: undecided.count, first: iso(undecided.first), last: iso(undecided.last) },
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
