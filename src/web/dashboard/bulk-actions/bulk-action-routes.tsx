/** The addresses of receipts. */

import type { FailureDesk } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { actOf, goTo } from '../parts/audited-action.ts';
import { Moment } from '../parts/moment.tsx';
import { number } from '../parts/wording.ts';
import { kindWords, ReceiptPage } from './bulk-action-page.tsx';

/** Adds them to a guarded scope. */
export function addReceiptPages({ scope, addPage }: DashboardScope, desk: FailureDesk): void {
  addPage({
    path: '/receipts',
    title: () => 'Receipts',
    load: () => desk.receipts(),
    live: (receipts, { zone }) => (
      <>
        <h1>Receipts</h1>
        {receipts.length === 0 && <p>Nothing was sent again, edited or discarded yet.</p>}
        <ul class="list-unstyled">
          {receipts.map(({ id, kind, status, done, total, by, at, reason }) => (
            <li key={id} class="mb-2">
              <a href={`/receipts/${encodeURIComponent(id)}`}>
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
    path: '/receipts/:id',
    async load({ params: { id = '' } }) {
      const [receipt, leftOut] = await Promise.all([desk.receipt(id), desk.leftOut(id)]);
      return receipt && { receipt, leftOut };
    },
    title: ({ receipt: { kind } }) => kindWords[kind],
    live: (data, reader) => <ReceiptPage {...data} reader={reader} />,
  });

  scope.post<{ Params: { id: string } }>(
    '/receipts/:id/cancel',
    { config: { role: 'operator' } },
    async (request, reply) => {
      const { id } = request.params;
      await desk.cancel(id, actOf(request));
      return goTo(reply, `/receipts/${encodeURIComponent(id)}`);
    },
  );
}
