/** The addresses of receipts. */

import type { FailureService } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { actionOf, goTo } from '../parts/audited-action.ts';
import { Moment } from '../parts/moment.tsx';
import { number } from '../parts/wording.ts';
import { kindWords, BulkActionPage } from './bulk-action-page.tsx';

/** Adds them to a guarded scope. */
export function addBulkActionPages({ scope, addPage }: DashboardScope, service: FailureService): void {
  addPage({
    path: '/bulk-actions',
    title: () => 'Receipts',
    load: () => service.bulkActions(),
    live: (bulkActions, { zone }) => (
      <>
        <h1>Receipts</h1>
        {bulkActions.length === 0 && <p>Nothing was sent again, edited or discarded yet.</p>}
        <ul class="list-unstyled">
          {bulkActions.map(({ id, kind, status, done, total, by, at, reason }) => (
            <li key={id} class="mb-2">
              <a href={`/bulk-actions/${encodeURIComponent(id)}`}>
                {kindWords[kind]}: {number(done)} of {number(total)}
              </a>
              , {status}, by {by}, <Moment at={at} zone={zone} />
              {reason !== '' && `: ${reason}`}
            </li>
          ))}
        </ul>
      </>
    ),
  });

  addPage({
    path: '/bulk-actions/:id',
    async load({ params: { id = '' } }) {
      const [bulkAction, leftOut] = await Promise.all([service.bulkAction(id), service.leftOut(id)]);
      return bulkAction && { bulkAction, leftOut };
    },
    title: ({ bulkAction: { kind } }) => kindWords[kind],
    live: (data, reader) => <BulkActionPage {...data} reader={reader} />,
  });

  scope.post<{ Params: { id: string } }>(
    '/bulk-actions/:id/cancel',
    { config: { role: 'operator' } },
    async (request, reply) => {
      const { id } = request.params;
      await service.cancel(id, actionOf(request));
      return goTo(reply, `/bulk-actions/${encodeURIComponent(id)}`);
    },
  );
}
