/** API routes of schedules. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { publicSchedule } from '../../domain/schedules/schedule-view.ts';
import type { ActionContext, ScheduleService } from '../dashboard/dashboard-service.ts';
import { contextOf, reasonBody, typed } from './conventions.ts';

const scheduleParams = z.object({ name: z.string().max(100) });

export function addScheduleApi(api: FastifyInstance, service: ScheduleService): void {
  typed(api).get(
    '/schedules',
    {
      config: { role: 'viewer' },
      schema: { summary: 'Schedules, as printed by `passbridge schedules --json`.' },
    },
    async () => ({ schedules: (await service.list()).map(publicSchedule) }),
  );

  const addAction = (
    path: string,
    summary: string,
    run: (name: string, context: ActionContext) => Promise<unknown>,
  ) =>
    typed(api).post(
      `/schedules/:name/${path}`,
      { config: { role: 'operator' }, schema: { summary, params: scheduleParams, body: reasonBody } },
      async (request) =>
        (await run(request.params.name, contextOf(request, request.body.reason))) ?? { done: true },
    );

  addAction('run', 'Starts a run now, which also catches up on missed runs.', service.run);
  addAction('skip', 'Skips missed runs that need a decision.', service.skipMissed);
  addAction('enable', 'Turns the schedule on, regardless of the programs file.', (name, context) =>
    service.switch(name, true, context),
  );
  addAction('disable', 'Turns the schedule off, regardless of the programs file.', (name, context) =>
    service.switch(name, false, context),
  );
}
