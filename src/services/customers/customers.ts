/** Customer search. */

import type { CustomerTimeline, TimelineEvent } from '../../domain/customers/timeline.ts';
import type { Stores } from '../stores.ts';

/**
 * Finds customers by email, customer id, card id or job id, and adds who ordered the bulk actions in their timelines.
 * Undefined if CUSTOMER_INDEX is off. `now`: ms.
 */
export async function findCustomers(
  { customers, bulkActions }: Pick<Stores, 'customers' | 'bulkActions'>,
  text: string,
  now: number,
): Promise<CustomerTimeline[] | undefined> {
  const found = await customers?.find(text, now);
  if (found === undefined) return undefined;
  const details = found.flatMap(({ events }) =>
    events.filter(({ kind }) => kind === 'bulk-action').map(({ detail }) => detail),
  );
  const ids = [...new Set(details)];
  const byId = new Map(await Promise.all(ids.map(async (id) => [id, await bulkActions.find(id)] as const)));
  const withOperator = (event: TimelineEvent): TimelineEvent => {
    const bulkAction = event.kind === 'bulk-action' ? byId.get(event.detail) : undefined;
    return bulkAction === undefined ? event : { ...event, by: bulkAction.by, reason: bulkAction.reason };
  };
  return found.map(({ customer, events }) => ({ customer, events: events.map(withOperator) }));
}
