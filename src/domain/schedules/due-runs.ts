/** What is to be done about the due times that have come since the last look. Pure: the time is an argument. */

import {
  type DueRun,
  MOST_MISSED,
  type MissedRuns,
  runId,
  type Schedule,
  type ScheduleRun,
} from './schedule.ts';

export interface DueRuns {
  /** The last due time that is decided with this. */
  through: number;
  /** A run to start. */
  dueRun?: DueRun;
  /** Runs that were missed and that a person has to decide on. */
  ask?: MissedRuns;
  /** Runs that were missed and are not made up for. */
  missed?: ScheduleRun;
}

type Timed = Pick<Schedule, 'name' | 'cron' | 'missed' | 'startWithinMs'>;

/**
 * Decides on the due times after `through` up to now, all at once; undefined where there is none.
 * However many they are, at most one run comes of them: the last, if it is on time or if it makes
 * up for those that were missed.
 */
export function decideDue(schedule: Timed, through: number, now: number): DueRuns | undefined {
  const { name, cron, missed: rule, startWithinMs } = schedule;
  const last = cron.latest(through, now);
  if (last === undefined) return undefined;
  const isLate = now - last > startWithinMs;
  const missed = cron.between(through, isLate ? last : last - 1, MOST_MISSED);
  const fires = !isLate || rule === 'run-once';
  const standsFor = rule === 'run-once' ? missed.filter((due) => due < last).length : 0;
  return {
    through: last,
    ...(fires && {
      dueRun: {
        id: runId(name, last),
        schedule: name,
        due: last,
        cause: isLate ? 'missed' : 'due',
        at: now,
        standsFor,
      },
    }),
    ...leftOver(rule, missed, last, now),
  };
}

/** Missed runs that no other stands for. */
function leftOver(
  rule: Schedule['missed'],
  missed: readonly number[],
  last: number,
  now: number,
): Pick<DueRuns, 'ask' | 'missed'> {
  const [first] = missed;
  if (first === undefined || rule === 'run-once') return {};
  const latest = missed.length < MOST_MISSED ? (missed.at(-1) ?? first) : last;
  if (rule === 'ask') return { ask: { count: missed.length, first, last: latest } };
  const many = missed.length === 1 ? 'It was' : `${counted(missed.length)} were`;
  return {
    missed: {
      due: latest,
      cause: 'due',
      at: now,
      result: 'missed',
      note: `${many} not started within the start window: nothing ran.`,
    },
  };
}

/** `3 runs`, or `1000 runs or more` where they were not counted further. */
export function counted(runs: number): string {
  if (runs === 1) return '1 run';
  return `${runs} runs${runs < MOST_MISSED ? '' : ' or more'}`;
}
