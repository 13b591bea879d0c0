/** Schedules in words and for machines. */

import { DateTime } from 'luxon';
import { counted } from '../../domain/schedules/due-runs.ts';
import type { ScheduleRun } from '../../domain/schedules/schedule.ts';
import type { ScheduleView } from '../../domain/schedules/schedule-view.ts';

/** A time on the wall clock of a zone with its offset, e.g. `Sun 2027-03-28 03:30 +02:00`. */
export function localTime(at: number, zone: string): string {
  return DateTime.fromMillis(at, { zone, locale: 'en' }).toFormat('ccc yyyy-MM-dd HH:mm ZZ');
}

/** One line a schedule, and below it what a person should know or do. */
export function describeSchedules(views: readonly ScheduleView[]): string {
  if (views.length === 0) return 'The programs file has no schedules: see docs/schedules.md.';
  const rows = views.map((view) => {
    const { name, program, action, expression, timeZone } = view.schedule;
    return [name, `${action} ${program}`, `${expression} (${timeZone})`, nextOf(view), lastOf(view)];
  });
  const head = ['Schedule', 'Does', 'When', 'Next', 'Last run'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const blocks = rows.map((row, place) => {
    const view = views[place];
    return [line(row), ...(view === undefined ? [] : remarksOn(view))].join('\n');
  });
  return [line(head), ...blocks].join('\n');
}

function nextOf({ next, schedule }: ScheduleView): string {
  return next === undefined ? 'off' : localTime(next, schedule.timeZone);
}

function lastOf({ schedule, runs }: ScheduleView): string {
  const [last] = runs;
  return last === undefined ? '-' : `${last.result} ${localTime(last.at, schedule.timeZone)}`;
}

function remarksOn({ schedule, state, runs, waiting }: ScheduleView): string[] {
  const { name, timeZone } = schedule;
  const { ask, switched } = state;
  const remarks: string[] = [];
  if (switched !== undefined) {
    const reason = switched.reason === '' ? '' : `: ${switched.reason}`;
    const when = localTime(switched.at, timeZone);
    remarks.push(`switched ${switched.enabled ? 'on' : 'off'} by ${switched.by} on ${when}${reason}`);
  }
  if (ask !== undefined) {
    const times =
      ask.count === 1
        ? localTime(ask.last, timeZone)
        : `${localTime(ask.first, timeZone)} to ${localTime(ask.last, timeZone)}`;
    remarks.push(
      `${counted(ask.count)} missed (${times}). Make up for it with one run: passbridge schedules run ${name}. Leave it out: passbridge schedules skip ${name}`,
    );
  }
  for (const { id, note } of waiting) {
    remarks.push(`${id} waits to begin${note === undefined ? '' : `: ${note}`}`);
  }
  remarks.push(...describeRun(runs[0]));
  return remarks.map((remark) => `    ${remark}`);
}

function describeRun(run: ScheduleRun | undefined): string[] {
  if (run === undefined) return [];
  const { campaign, note } = run;
  const told = [campaign, note].filter((part) => part !== undefined);
  return told.length === 0 ? [] : [`last run: ${told.join(': ')}`];
}
