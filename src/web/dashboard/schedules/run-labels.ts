/** How the pages label the results of runs. */

import type { ScheduleRun } from '../../../domain/schedules/schedule.ts';

export const runResultLabels: Readonly<Record<ScheduleRun['result'], string>> = {
  started: 'Started',
  skipped: 'Skipped',
  missed: 'Missed',
  refused: 'Not started',
};
