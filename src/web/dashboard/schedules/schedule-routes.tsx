/** The addresses of the schedules' pages. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DeskAct, ScheduleDesk } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { actOf, goTo } from '../parts/audited-action.ts';
import { ScheduleList } from './schedule-list.tsx';
import { addScheduleQuestions } from './schedule-questions.tsx';

interface OfSchedule {
  Params: { name: string };
}

/** Adds them to a guarded scope. */
export function addSchedulePages({ scope, addPage }: DashboardScope, desk: ScheduleDesk): void {
  addPage({
    path: '/schedules',
    title: () => 'Schedules',
    load: () => desk.list(),
    live: (views, reader) => <ScheduleList views={views} reader={reader} />,
  });

  addScheduleQuestions(addPage, desk);

  const act = (
    name: string,
    run: (schedule: string, act: DeskAct, reply: FastifyReply) => Promise<unknown>,
  ) =>
    scope.post<OfSchedule>(
      `/schedules/:name/${name}`,
      { config: { role: 'operator' } },
      async (request: FastifyRequest<OfSchedule>, reply) => {
        await run(request.params.name, actOf(request), reply);
        return reply.sent ? reply : goTo(reply, '/schedules');
      },
    );

  act('run', async (name, by, reply) => {
    const { kind, campaign } = await desk.run(name, by);
    if (kind === 'started') return goTo(reply, `/campaigns/${encodeURIComponent(campaign)}`);
  });
  act('skip', (name, by) => desk.skipMissed(name, by));
  act('enable', (name, by) => desk.switch(name, true, by));
  act('disable', (name, by) => desk.switch(name, false, by));
}
