/** Schedules for programs. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { publicSchedule } from '../../domain/schedules/schedule-view.ts';
import type { ActionContext, ScheduleDesk } from '../dashboard/dashboard-service.ts';
import { actionBy, reasonShape, typed } from './shapes.ts';

const ofSchedule = z.object({ name: z.string().max(100) });

export function addScheduleApi(api: FastifyInstance, service: ScheduleDesk): void {
  typed(api).get(
    '/schedules',
    {
      config: { role: 'viewer' },
      schema: { summary: 'Schedules as `passbridge schedules --json` prints them.' },
    },
    async () => ({ schedules: (await service.list()).map(publicSchedule) }),
  );

  const act = (path: string, summary: string, run: (name: string, act: ActionContext) => Promise<unknown>) =>
    typed(api).post(
      `/schedules/:name/${path}`,
      { config: { role: 'operator' }, schema: { summary, params: ofSchedule, body: reasonShape } },
      async (request) =>
        (await run(request.params.name, actionBy(request, request.body.reason))) ?? { done: true },
    );

  act('run', 'Starts a run now; it stands for missed runs that wait for an answer.', service.run);
  act('skip', 'Leaves out missed runs that wait for an answer.', service.skipMissed);
  act('enable', 'Switches it on, whatever the file says.', (name, by) => service.switch(name, true, by));
  act('disable', 'Switches it off, whatever the file says.', (name, by) => service.switch(name, false, by));
}
