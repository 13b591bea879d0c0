/** Asks before a schedule runs now, or is switched: what will come of it, and why it is wanted. */

import type { Schedule } from '../../../domain/schedules/schedule.ts';
import type { ScheduleDesk } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { addQuestion } from '../parts/question.tsx';

interface ScheduleQuestion {
  /** The last part of the address, which the answer is sent to as well. */
  act: 'run' | 'enable' | 'disable';
  title: (name: string) => string;
  label: string;
  means: (schedule: Pick<Schedule, 'action' | 'program'>) => string;
}

const questions: readonly ScheduleQuestion[] = [
  {
    act: 'run',
    title: (name) => `Run ${name} now`,
    label: 'Run it now',
    means: ({ action, program }) =>
      `It starts a campaign: ${action} ${program}, with what its source has now. Its own runs go on as planned.`,
  },
  {
    act: 'enable',
    title: (name) => `Switch ${name} on`,
    label: 'Switch it on',
    means: () => 'It starts campaigns by itself from its next due time on.',
  },
  {
    act: 'disable',
    title: (name) => `Switch ${name} off`,
    label: 'Switch it off',
    means: () =>
      'It starts no campaigns by itself until it is switched on again. What comes due meanwhile is not made up for.',
  },
];

/** Adds the pages. */
export function addScheduleQuestions(
  addPage: DashboardScope['addPage'],
  service: Pick<ScheduleDesk, 'list'>,
): void {
  for (const { act, title, label, means } of questions) {
    addQuestion<Schedule>(addPage, {
      path: `/schedules/:name/${act}`,
      load: async ({ params }) =>
        (await service.list()).find(({ schedule }) => schedule.name === params['name'])?.schedule,
      to: ({ name }) => `/schedules/${encodeURIComponent(name)}/${act}`,
      title: ({ name }) => title(name),
      label,
      tone: 'primary',
      back: () => '/schedules',
      means,
    });
  }
}
