/** The routes of bulk actions. */

import { pathTo, routes } from '../../paths.ts';
import type { FailureService } from '../dashboard-service.ts';
import { contextOf, redirectTo } from '../form-fields.ts';
import type { DashboardScope } from '../page.tsx';
import { Time } from '../parts/labels.tsx';
import { ActivityTabs } from '../parts/tabs.tsx';
import { BulkActionPage, describeResult, describeStatus, kindLabels } from './bulk-action-page.tsx';

/** Adds the routes to a guarded scope. */
export function addBulkActionPages({ scope, addPage }: DashboardScope, service: FailureService): void {
  addPage({
    route: routes.bulkActions,
    title: () => 'Bulk actions',
    load: () => service.bulkActions(),
    live: (bulkActions, { zone }) => (
      <>
        <h1>Activity</h1>
        <ActivityTabs current="bulk-actions" />
        {bulkActions.length === 0 && (
          <p class="card table-empty">No failures have been retried, edited or discarded yet.</p>
        )}
        <ul class="rows card" hidden={bulkActions.length === 0}>
          {bulkActions.map((bulkAction) => {
            const { id, kind, by, at, reason } = bulkAction;
            return (
              <li key={id}>
                <a href={pathTo(routes.bulkAction, { id })}>
                  {kindLabels[kind]}: {describeResult(bulkAction)}
                </a>{' '}
                · {describeStatus(bulkAction)} · by {by}, <Time at={at} zone={zone} />
                {reason !== '' && `: ${reason}`}
              </li>
            );
          })}
        </ul>
      </>
    ),
  });

  addPage({
    route: routes.bulkAction,
    async load({ params: { id = '' } }) {
      const [bulkAction, excluded] = await Promise.all([service.bulkAction(id), service.excluded(id)]);
      return bulkAction && { bulkAction, excluded };
    },
    title: ({ bulkAction: { kind } }) => kindLabels[kind],
    live: (data, viewer) => <BulkActionPage {...data} viewer={viewer} />,
  });

  scope.post<{ Params: { id: string } }>(
    routes.bulkActionCancel,
    { config: { role: 'operator' } },
    async (request, reply) => {
      const { id } = request.params;
      await service.cancel(id, contextOf(request));
      return redirectTo(reply, pathTo(routes.bulkAction, { id }));
    },
  );
}
