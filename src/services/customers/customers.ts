/** Looks customers up, with who did what about their failures. */

import type { CustomerTimeline, TimelineEvent } from '../../domain/customers/timeline.ts';
import type { Stores } from '../stores.ts';

/** By e-mail, customer id, card id or job id; undefined where CUSTOMER_INDEX is off. `now`: ms. */
export async function findCustomers(
  { people, bulkActions }: Pick<Stores, 'people' | 'bulkActions'>,
  text: string,
  now: number,
): Promise<CustomerTimeline[] | undefined> {
  const found = await people?.find(text, now);
  if (found === undefined) return undefined;
  const acts = found.flatMap(({ events }) => events.filter(({ what }) => what === 'act'));
  const ids = [...new Set(acts.map(({ note }) => note))];
  const byId = new Map(await Promise.all(ids.map(async (id) => [id, await bulkActions.find(id)] as const)));
  const withOperator = (event: TimelineEvent): TimelineEvent => {
    const bulkAction = event.what === 'act' ? byId.get(event.note) : undefined;
    return bulkAction === undefined ? event : { ...event, by: bulkAction.by, reason: bulkAction.reason };
  };
  return found.map(({ customer, events }) => ({ customer, events: events.map(withOperator) }));
}
