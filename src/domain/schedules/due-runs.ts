/** Decides what follows from the due times since the last decision. Pure: the time is an argument. */

import {
  type DueRun,
  MAX_MISSED,
  type MissedRuns,
  runId,
  type Schedule,
  type ScheduleRun,
} from './schedule.ts';

export interface DueRuns {
  /** The last due time that this decision covers. */
  through: number;
  /** A run to start. */
  dueRun?: DueRun;
  /** Missed runs that an operator must decide on. */
  undecided?: MissedRuns;
  /** Missed runs that are not made up for. */
  missed?: ScheduleRun;
}

type Timed = Pick<Schedule, 'name' | 'cron' | 'missed' | 'startWithinMs'>;

/**
 * Decides on all due times after `through` up to now; undefined if there are none. They lead to at most one
 * run: the last one, if it is on time or makes up for the missed ones.
 */
export function decideDue(schedule: Timed, through: number, now: number): DueRuns | undefined {
  const { name, cron, missed: rule, startWithinMs } = schedule;
  const last = cron.latest(through, now);
  if (last === undefined) return undefined;
  const isLate = now - last > startWithinMs;
  const missed = cron.between(through, isLate ? last : last - 1, MAX_MISSED);
  const starts = !isLate || rule === 'run-once';
  const makesUpFor = rule === 'run-once' ? missed.filter((due) => due < last).length : 0;
  return {
    through: last,
    ...(starts && {
      dueRun: {
        id: runId(name, last),
        schedule: name,
        due: last,
        cause: isLate ? 'missed' : 'due',
        at: now,
        makesUpFor,
      },
    }),
    ...notMadeUpFor(rule, missed, last, now),
  };
}

function notMadeUpFor(
  rule: Schedule['missed'],
  missed: readonly number[],
  last: number,
  now: number,
): Pick<DueRuns, 'undecided' | 'missed'> {
  const [first] = missed;
  if (first === undefined || rule === 'run-once') return {};
  const latest = missed.length < MAX_MISSED ? (missed.at(-1) ?? first) : last;
  if (rule === 'ask') return { undecided: { count: missed.length, first, last: latest } };
  const subject = missed.length === 1 ? 'The run was' : `${countedRuns(missed.length)} were`;
  return {
    missed: {
      due: latest,
      cause: 'due',
      at: now,
      result: 'missed',
      note: `${subject} not started within the start window and skipped.`,
    },
  };
}

/** Returns `3 runs`, or `1000 runs or more` at {@link MAX_MISSED}. */
export function countedRuns(runs: number): string {
  if (runs === 1) return '1 run';
  return `${runs} runs${runs < MAX_MISSED ? '' : ' or more'}`;
}
