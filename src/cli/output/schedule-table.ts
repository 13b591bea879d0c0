/** Schedules as text. */

import { DateTime } from 'luxon';
import { countedRuns } from '../../domain/schedules/due-runs.ts';
import type { ScheduleRun } from '../../domain/schedules/schedule.ts';
import type { ScheduleView } from '../../domain/schedules/schedule-view.ts';

/** Returns a local time with its offset, e.g. `Sun 2027-03-28 03:30 +02:00`. */
export function localTime(at: number, zone: string): string {
  return DateTime.fromMillis(at, { zone, locale: 'en' }).toFormat('ccc yyyy-MM-dd HH:mm ZZ');
}

/** Returns a table with a row per schedule, and below each row what an operator should know or do. */
export function describeSchedules(views: readonly ScheduleView[]): string {
  if (views.length === 0) return 'The programs file has no schedules. See docs/schedules.md.';
  const rows = views.map((view) => {
    const { name, program, action, expression, timeZone } = view.schedule;
    return [name, `${action} ${program}`, `${expression} (${timeZone})`, nextRun(view), lastRun(view)];
  });
  const head = ['Schedule', 'Action', 'Cron', 'Next', 'Last run'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const blocks = rows.map((row, index) => {
    const view = views[index];
    return [line(row), ...(view === undefined ? [] : detailsOf(view))].join('\n');
  });
  return [line(head), ...blocks].join('\n');
}

function nextRun({ next, schedule }: ScheduleView): string {
  return next === undefined ? 'off' : localTime(next, schedule.timeZone);
}

function lastRun({ schedule, runs }: ScheduleView): string {
  const [last] = runs;
  return last === undefined ? '-' : `${last.result} ${localTime(last.at, schedule.timeZone)}`;
}

function detailsOf({ schedule, state, runs, waiting }: ScheduleView): string[] {
  const { name, timeZone } = schedule;
  const { undecided, switched } = state;
  const details: string[] = [];
  if (switched !== undefined) {
    const reason = switched.reason === '' ? '' : `: ${switched.reason}`;
    const when = localTime(switched.at, timeZone);
    details.push(`switched ${switched.enabled ? 'on' : 'off'} by ${switched.by} on ${when}${reason}`);
  }
  if (undecided !== undefined) {
    const times =
      undecided.count === 1
        ? localTime(undecided.last, timeZone)
        : `${localTime(undecided.first, timeZone)} to ${localTime(undecided.last, timeZone)}`;
    details.push(
      `${countedRuns(undecided.count)} missed (${times}). To run once now: passbridge schedules run ${name}. To skip: passbridge schedules skip ${name}`,
    );
  }
  for (const { id, note } of waiting) {
    details.push(`${id} is waiting to start${note === undefined ? '' : `: ${note}`}`);
  }
  details.push(...describeRun(runs[0]));
  return details.map((detail) => `    ${detail}`);
}

function describeRun(run: ScheduleRun | undefined): string[] {
  if (run === undefined) return [];
  const parts = [run.campaign, run.note].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [`last run: ${parts.join(': ')}`];
}
