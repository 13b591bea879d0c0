/** The routes of the schedules: the list, the confirmation pages and the actions. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Schedule } from '../../../domain/schedules/schedule.ts';
import { pathTo, routes } from '../../paths.ts';
import type { ActionContext, ScheduleService } from '../dashboard-service.ts';
import { contextOf, redirectTo } from '../form-fields.ts';
import type { DashboardScope } from '../page.tsx';
import { addConfirmationPage } from '../confirmation-page.tsx';
import { actionLabels } from '../parts/labels.tsx';
import { ScheduleList } from './schedule-list.tsx';

interface ScheduleParams {
  Params: { name: string };
}

/** Adds the routes to a guarded scope. */
export function addSchedulePages({ scope, addPage }: DashboardScope, service: ScheduleService): void {
  addPage({
    route: routes.schedules,
    title: () => 'Schedules',
    load: () => service.list(),
    live: (views, viewer) => <ScheduleList views={views} viewer={viewer} />,
  });

  addConfirmations(addPage, service);

  const addAction = (
    route: string,
    run: (schedule: string, context: ActionContext, reply: FastifyReply) => Promise<unknown>,
  ) =>
    scope.post<ScheduleParams>(
      route,
      { config: { role: 'operator' } },
      async (request: FastifyRequest<ScheduleParams>, reply) => {
        await run(request.params.name, contextOf(request), reply);
        return reply.sent ? reply : redirectTo(reply, routes.schedules);
      },
    );

  addAction(routes.scheduleRun, async (name, context, reply) => {
    const { kind, campaign } = await service.run(name, context);
    if (kind === 'started') return redirectTo(reply, pathTo(routes.campaign, { id: campaign }));
  });
  addAction(routes.scheduleSkip, (name, context) => service.skipMissed(name, context));
  addAction(routes.scheduleEnable, (name, context) => service.switch(name, true, context));
  addAction(routes.scheduleDisable, (name, context) => service.switch(name, false, context));
}

interface Confirmation {
  route: typeof routes.scheduleRun | typeof routes.scheduleEnable | typeof routes.scheduleDisable;
  title: (name: string) => string;
  label: string;
  consequence: (schedule: Pick<Schedule, 'action' | 'program'>) => string;
}

const confirmations: readonly Confirmation[] = [
  {
    route: routes.scheduleRun,
    title: (name) => `Run ${name} now`,
    label: 'Run now',
    consequence: ({ action, program }) =>
      `Starts a campaign with the current data of its source: ${actionLabels[action]}, ${program}. Planned runs are unaffected.`,
  },
  {
    route: routes.scheduleEnable,
    title: (name) => `Turn ${name} on`,
    label: 'Turn on',
    consequence: () => 'It starts campaigns automatically, from its next due time.',
  },
  {
    route: routes.scheduleDisable,
    title: (name) => `Turn ${name} off`,
    label: 'Turn off',
    consequence: () => 'No runs start until you turn it on. Runs missed in the meantime are not caught up.',
  },
];

function addConfirmations(addPage: DashboardScope['addPage'], service: Pick<ScheduleService, 'list'>): void {
  for (const { route, title, label, consequence } of confirmations) {
    addConfirmationPage<Schedule>(addPage, {
      route,
      load: async ({ params }) =>
        (await service.list()).find(({ schedule }) => schedule.name === params['name'])?.schedule,
      to: ({ name }) => pathTo(route, { name }),
      title: ({ name }) => title(name),
      label,
      tone: 'primary',
      back: () => routes.schedules,
      consequence,
    });
  }
}
