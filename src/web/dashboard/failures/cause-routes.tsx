/** The routes of one cause of failures: its page, and retry and discard of all or of selected ones. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type BulkActionOrder,
  type BulkFilter,
  mayMakeSecondCards,
} from '../../../domain/failures/bulk-action.ts';
import { codeOfCause } from '../../../domain/failures/cause.ts';
import { unknownCodes } from '../../../domain/failures/unknown-create.ts';
import { systemClock } from '../../../kit/clock.ts';
import { UserError } from '../../../kit/user-error.ts';
import { pathTo, routes } from '../../paths.ts';
import type { FailureService } from '../dashboard-service.ts';
import { contextOf, field, redirectTo } from '../form-fields.ts';
import { renderPage } from '../layout.tsx';
import type { PageParams } from '../live-topics.ts';
import { type DashboardScope, sendHtml } from '../page.tsx';
import { causeActions, ConfirmAction } from './confirm-action.tsx';
import { GroupPage } from './group-page.tsx';
import { ConfirmCreateAgain } from './resolution-pages.tsx';

interface CauseParams {
  Params: { cause: string };
  Querystring: { campaign?: string };
}

const config = { role: 'operator' } as const;

/** Adds the routes to a guarded scope. */
export function addCausePages({ scope, addPage, viewerOf }: DashboardScope, service: FailureService): void {
  const loadGroup = async ({ params: { cause = '' }, query: { campaign } }: PageParams) => {
    const groups = await service.groups({ campaign, code: cause });
    const group = groups.find((found) => found.cause.id === cause);
    return group && { group, campaign };
  };

  addPage({
    route: routes.cause,
    async load(params) {
      const found = await loadGroup(params);
      if (found === undefined) return undefined;
      const { group, campaign } = found;
      const page = await service.page({ cause: group.cause.id, campaign }, params.query['after']);
      const [first] = page.failures;
      const example = first === undefined ? undefined : await service.example(first);
      return { group, page, example, campaign, now: systemClock() };
    },
    title: ({ group }) => group.cause.code,
    fixed: (data, viewer) => <GroupPage {...data} viewer={viewer} />,
  });

  const start = async (
    request: FastifyRequest,
    reply: FastifyReply,
    order: Pick<BulkActionOrder, 'kind' | 'filter'> & { acceptSecondCards?: boolean },
  ) => {
    const id = await service.order(order, contextOf(request));
    return redirectTo(reply, pathTo(routes.bulkAction, { id }));
  };

  for (const kind of ['retry', 'discard'] as const) {
    addPage({
      route: causeActions[kind].route,
      role: 'operator',
      load: loadGroup,
      title: ({ group }) => `${causeActions[kind].label} ${group.cause.code}`,
      fixed: ({ group, campaign }, viewer) => (
        <ConfirmAction kind={kind} group={group} campaign={campaign} viewer={viewer} />
      ),
    });
    scope.post<CauseParams>(causeActions[kind].route, { config }, async (request, reply) => {
      const { cause } = request.params;
      const { campaign } = request.query;
      const unknown = field(request.body, 'unknown') === 'yes';
      const filter = { causes: [cause], unknown, ...(campaign !== undefined && { campaign }) };
      const acceptSecondCards = field(request.body, 'acceptSecondCards') === 'yes';
      // The page of the action warns of them.
      if (mayMakeSecondCards({ kind, filter }) && !acceptSecondCards)
        return redirectTo(reply, pathTo(causeActions[kind].route, { cause }, { campaign }));
      return start(request, reply, { kind, filter, acceptSecondCards });
    });
  }

  scope.post<CauseParams>(routes.causeSelected, { config }, async (request, reply) => {
    const { body } = request;
    const selected = [((body ?? {}) as { selected?: string | string[] }).selected ?? []].flat();
    if (selected.length === 0) throw new UserError('INVALID_REQUEST', 'Select at least one customer.');
    const jobs = selected.map((value) => {
      const [campaign = '', job = ''] = value.split(' ');
      return { campaign, job };
    });
    const kind = field(body, 'action') === 'discard' ? 'discard' : 'retry';
    const { cause } = request.params;
    if (kind === 'retry' && unknownCodes.includes(codeOfCause(cause))) {
      const viewer = await viewerOf(request, reply);
      const to = pathTo(routes.causeResolve, { cause });
      const ids = jobs.map(({ job }) => job);
      const children = <ConfirmCreateAgain jobs={ids} to={to} viewer={viewer} />;
      return sendHtml(
        reply,
        renderPage({ title: 'Create again', path: routes.unknownOutcomes, viewer, children }),
      );
    }
    const filter: BulkFilter = { causes: [cause], jobs, unknown: kind === 'discard' };
    return start(request, reply, { kind, filter });
  });
}
