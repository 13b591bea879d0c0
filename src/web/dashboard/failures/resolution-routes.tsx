/** The routes by which operators resolve unknown creates: the ids entered on the page of a cause, and a CSV. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { NO_CARD } from '../../../domain/failures/resolution.ts';
import { UserError } from '../../../kit/user-error.ts';
import { pathTo, routes } from '../../paths.ts';
import type { FailureService } from '../dashboard-service.ts';
import { contextOf, field } from '../form-fields.ts';
import { renderPage, type Viewer } from '../layout.tsx';
import { type DashboardScope, sendHtml } from '../page.tsx';
import {
  ConfirmCreateAgain,
  ConfirmCsv,
  CsvForm,
  enteredResolutions,
  ReportPage,
} from './resolution-pages.tsx';

const config = { role: 'operator' } as const;

/** Adds the routes to a guarded scope. */
export function addResolutionPages(
  { scope, viewerOf, addPage }: DashboardScope,
  service: FailureService,
): void {
  const sendPage = async (
    request: FastifyRequest,
    reply: FastifyReply,
    title: string,
    content: (viewer: Viewer) => VNode,
  ) => {
    const viewer = await viewerOf(request, reply);
    return sendHtml(
      reply,
      renderPage({ title, path: routes.unknownOutcomes, viewer, children: content(viewer) }),
    );
  };

  const resolve = async (
    request: FastifyRequest,
    reply: FastifyReply,
    resolutions: ReturnType<typeof enteredResolutions>,
  ) => {
    const { body } = request;
    const options = {
      createAgain: field(body, 'createAgain') === 'yes',
      dryRun: field(body, 'action') === 'check',
    };
    const report = await service.resolve(resolutions, options, contextOf(request));
    return sendPage(request, reply, 'Unknown outcomes', () => <ReportPage report={report} />);
  };

  addPage({
    route: routes.unknownResolve,
    role: 'operator',
    load: async () => ({}),
    title: () => 'Resolve unknown outcomes',
    fixed: (_data, viewer) => <CsvForm viewer={viewer} />,
  });

  scope.post(routes.unknownResolve, { config }, async (request, reply) => {
    const { body } = request;
    const csv = field(body, 'csv');
    const resolutions = service.parseResolutions(csv);
    const again = resolutions.filter(({ passId }) => passId === NO_CARD).length;
    const isConfirmed = field(body, 'createAgain') === 'yes' || field(body, 'action') === 'check';
    if (again === 0 || isConfirmed) return resolve(request, reply, resolutions);
    return sendPage(request, reply, 'Create again', (viewer) => (
      <ConfirmCsv csv={csv} count={again} to={routes.unknownResolve} viewer={viewer} />
    ));
  });

  scope.post<{ Params: { cause: string } }>(routes.causeResolve, { config }, async (request, reply) => {
    const form = (request.body ?? {}) as Record<string, unknown>;
    if (field(form, 'action') === 'create-again') {
      const jobs = selectedJobs(form);
      const to = pathTo(routes.causeResolve, request.params);
      return sendPage(request, reply, 'Create again', (viewer) => (
        <ConfirmCreateAgain jobs={jobs} to={to} viewer={viewer} />
      ));
    }
    const entered = enteredResolutions(form);
    if (entered.length === 0) throw new UserError('INVALID_REQUEST', 'Enter the id of at least one card.');
    return resolve(request, reply, entered);
  });
}

/** Returns the ids of the jobs whose box is ticked; its value is the campaign, a space, and the job. */
function selectedJobs(form: Readonly<Record<string, unknown>>): string[] {
  const selected = [form['selected'] ?? []].flat().filter((value) => typeof value === 'string');
  if (selected.length === 0) throw new UserError('INVALID_REQUEST', 'Select at least one customer.');
  return selected.map((value) => value.slice(value.indexOf(' ') + 1));
}
