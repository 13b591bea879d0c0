/** The routes of edit and retry. */

import type { BulkFilter } from '../../../domain/failures/bulk-action.ts';
import type { FailedJob } from '../../../domain/failures/failed.ts';
import { UserError } from '../../../kit/user-error.ts';
import { pathTo, routes } from '../../paths.ts';
import type { FailureService } from '../dashboard-service.ts';
import { contextOf, field, redirectTo } from '../form-fields.ts';
import { renderPage } from '../layout.tsx';
import { type DashboardScope, sendHtml } from '../page.tsx';
import { changedValues, EditGroup, EditOne, fingerprintOf } from './edit-pages.tsx';

interface CauseParams {
  Params: { cause: string };
  Querystring: { campaign?: string; job?: string };
}

const config = { role: 'operator' } as const;

/** Adds the routes to a guarded scope. */
export function addEditPages({ scope, addPage, viewerOf }: DashboardScope, service: FailureService): void {
  const findGroup = async (cause: string, campaign: string | undefined) =>
    (await service.groups({ campaign, code: cause })).find((group) => group.cause.id === cause);

  addPage({
    route: routes.causeEdit,
    role: 'operator',
    load: async ({ params: { cause = '' }, query: { campaign } }) => {
      const group = await findGroup(cause, campaign);
      return group && { group, to: pathTo(routes.causeEdit, { cause }, { campaign }) };
    },
    title: () => 'Edit and retry',
    fixed: (data, viewer) => <EditGroup {...data} rule={{ attribute: '', template: '' }} viewer={viewer} />,
  });

  /** `step=preview` shows what the rule does; `step=apply` applies it if it is the rule that was previewed. */
  scope.post<CauseParams>(routes.causeEdit, { config }, async (request, reply) => {
    const { params, query, body } = request;
    const { cause } = params;
    const { campaign } = query;
    const rule = { attribute: field(body, 'attribute'), template: field(body, 'template') };
    const filter: BulkFilter = {
      causes: [cause],
      unknown: false,
      ...(campaign !== undefined && { campaign }),
    };
    if (field(body, 'step') === 'apply' && field(body, 'previewed') === fingerprintOf(rule)) {
      const id = await service.order({ kind: 'edit', filter, rule }, contextOf(request));
      return redirectTo(reply, pathTo(routes.bulkAction, { id }));
    }
    const group = await findGroup(cause, campaign);
    if (group === undefined) {
      throw new UserError(
        'BULK_ACTION_REFUSED',
        'These failures no longer exist: they were retried or discarded.',
      );
    }
    const preview = await service.preview(filter, rule);
    const viewer = await viewerOf(request, reply);
    const to = pathTo(routes.causeEdit, { cause }, { campaign });
    return sendHtml(
      reply,
      renderPage({
        title: 'Edit and retry',
        path: to,
        viewer,
        children: <EditGroup group={group} to={to} rule={rule} preview={preview} viewer={viewer} />,
      }),
    );
  });

  addPage<{ record: FailedJob; to: string }>({
    route: routes.failureEdit,
    role: 'operator',
    async load({ params: { cause = '' }, query: { campaign = '', job = '' } }) {
      const record = await service.failedJob({ cause, campaign, job });
      return record && { record, to: pathTo(routes.failureEdit, { cause }, { campaign, job }) };
    },
    title: ({ record }) => `Edit ${record.job.id}`,
    fixed: (data, viewer) => <EditOne {...data} viewer={viewer} />,
  });

  scope.post<CauseParams>(routes.failureEdit, { config }, async (request, reply) => {
    const { cause } = request.params;
    const { campaign = '', job = '' } = request.query;
    const record = await service.failedJob({ cause, campaign, job });
    if (record === undefined) {
      throw new UserError(
        'BULK_ACTION_REFUSED',
        'This failure no longer exists: it was retried or discarded.',
      );
    }
    const rule = changedValues(record, (request.body ?? {}) as Record<string, unknown>);
    if (Object.keys(rule.values).length === 0) {
      throw new UserError('BULK_ACTION_REFUSED', 'You haven’t changed any value. Change one, then save.');
    }
    const filter: BulkFilter = { campaign, causes: [cause], jobs: [{ campaign, job }], unknown: false };
    const id = await service.order({ kind: 'edit', filter, rule }, contextOf(request));
    return redirectTo(reply, pathTo(routes.bulkAction, { id }));
  });
}
