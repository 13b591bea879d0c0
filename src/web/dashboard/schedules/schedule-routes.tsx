/** The addresses of the schedules' pages. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ActionContext, ScheduleDesk } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { actionOf, goTo } from '../parts/audited-action.ts';
import { ScheduleList } from './schedule-list.tsx';
import { addScheduleQuestions } from './schedule-questions.tsx';

interface OfSchedule {
  Params: { name: string };
}

/** Adds them to a guarded scope. */
export function addSchedulePages({ scope, addPage }: DashboardScope, service: ScheduleDesk): void {
  addPage({
    path: '/schedules',
    title: () => 'Schedules',
    load: () => service.list(),
    live: (views, reader) => <ScheduleList views={views} reader={reader} />,
  });

  addScheduleQuestions(addPage, service);

  const act = (
    name: string,
    run: (schedule: string, act: ActionContext, reply: FastifyReply) => Promise<unknown>,
  ) =>
    scope.post<OfSchedule>(
      `/schedules/:name/${name}`,
      { config: { role: 'operator' } },
      async (request: FastifyRequest<OfSchedule>, reply) => {
        await run(request.params.name, actionOf(request), reply);
        return reply.sent ? reply : goTo(reply, '/schedules');
      },
    );

  act('run', async (name, by, reply) => {
    const { kind, campaign } = await service.run(name, by);
    if (kind === 'started') return goTo(reply, `/campaigns/${encodeURIComponent(campaign)}`);
  });
  act('skip', (name, by) => service.skipMissed(name, by));
  act('enable', (name, by) => service.switch(name, true, by));
  act('disable', (name, by) => service.switch(name, false, by));
}
