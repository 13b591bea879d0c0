/** The addresses where failures are mended before they are sent again. */

import { UserError } from '../../../kit/user-error.ts';
import type { BulkFilter } from '../../../domain/failures/bulk-action.ts';
import type { FailedJob } from '../../../domain/failures/failed.ts';
import type { FailureService } from '../dashboard-service.ts';
import { renderPage } from '../layout.tsx';
import { type DashboardScope, type Asked, readerOf, sendHtml } from '../page.tsx';
import { actionOf, field, goTo } from '../parts/audited-action.ts';
import { changedValues, EditGroup, EditOne, shownAs } from './edit-pages.tsx';
import { causePath } from './group-card.tsx';

interface OfCause {
  Params: { cause: string };
  Querystring: { campaign?: string; job?: string };
}

const config = { role: 'operator' } as const;

/** Adds them to a guarded scope. */
export function addEditPages({ scope, addPage, zone }: DashboardScope, service: FailureService): void {
  const groupOf = async ({ cause = '' }: Asked['params'], campaign: string | undefined) =>
    (await service.groups({ campaign, code: cause })).find((group) => group.cause.id === cause);

  addPage({
    path: '/failures/:cause/edit',
    role: 'operator',
    load: async ({ params, query: { campaign } }) => {
      const group = await groupOf(params, campaign);
      return group && { group, campaign };
    },
    title: () => 'Edit and send again',
    fixed: ({ group, campaign }, reader) => (
      <EditGroup
        group={group}
        to={causePath(group.cause.id, '/edit', campaign)}
        rule={{ attribute: '', template: '' }}
        reader={reader}
      />
    ),
  });

  /** `step=preview` shows what the rule does, `step=apply` has done what was shown. */
  scope.post<OfCause>('/failures/:cause/edit', { config }, async (request, reply) => {
    const { params, query, body } = request;
    const { campaign } = query;
    const rule = { attribute: field(body, 'attribute'), template: field(body, 'template') };
    const filter: BulkFilter = {
      causes: [params.cause],
      unknown: false,
      ...(campaign !== undefined && { campaign }),
    };
    // One that was changed since it was shown is shown first.
    if (field(body, 'step') === 'apply' && field(body, 'shown') === shownAs(rule)) {
      const bulkAction = await service.order({ kind: 'edit', filter, rule }, actionOf(request));
      return goTo(reply, `/bulk-actions/${encodeURIComponent(bulkAction)}`);
    }
    const group = await groupOf({ cause: params.cause }, campaign);
    if (group === undefined)
      throw new UserError('INVALID_REQUEST', 'These failures are gone: they were sent again or discarded.');
    const preview = await service.preview(filter, rule);
    const reader = readerOf(request, reply, zone);
    const to = causePath(group.cause.id, '/edit', campaign);
    return sendHtml(
      reply,
      renderPage({
        title: 'Edit and send again',
        path: to,
        reader,
        children: <EditGroup group={group} to={to} rule={rule} preview={preview} reader={reader} />,
      }),
    );
  });

  addPage<{ record: FailedJob; to: string }>({
    path: '/failures/:cause/edit-one',
    role: 'operator',
    async load({ params: { cause = '' }, query: { campaign = '', job = '' } }) {
      const record = await service.failedJob({ cause, campaign, job });
      const to = `/failures/${encodeURIComponent(cause)}/edit-one?${new URLSearchParams({ campaign, job }).toString()}`;
      return record && { record, to };
    },
    title: ({ record }) => `Edit ${record.job.id}`,
    fixed: (data, reader) => <EditOne {...data} reader={reader} />,
  });

  scope.post<OfCause>('/failures/:cause/edit-one', { config }, async (request, reply) => {
    const { cause } = request.params;
    const { campaign = '', job = '' } = request.query;
    const record = await service.failedJob({ cause, campaign, job });
    if (record === undefined)
      throw new UserError('INVALID_REQUEST', 'This failure is gone: it was sent again or discarded.');
    const rule = changedValues(record, (request.body ?? {}) as Record<string, unknown>);
    const filter: BulkFilter = { campaign, causes: [cause], jobs: [{ campaign, job }], unknown: false };
    const bulkAction = await service.order({ kind: 'edit', filter, rule }, actionOf(request));
    return goTo(reply, `/bulk-actions/${encodeURIComponent(bulkAction)}`);
  });
}
