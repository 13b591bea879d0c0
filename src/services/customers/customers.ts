/** Looks customers up, with who did what about their failures. */

import type { Person, PersonEvent } from '../../domain/customers/timeline.ts';
import type { Stores } from '../stores.ts';

/** By e-mail, customer id, card id or job id; undefined where PEOPLE_INDEX is off. `now`: ms. */
export async function findPeople(
  { people, receipts }: Pick<Stores, 'people' | 'receipts'>,
  text: string,
  now: number,
): Promise<Person[] | undefined> {
  const found = await people?.find(text, now);
  if (found === undefined) return undefined;
  const acts = found.flatMap(({ events }) => events.filter(({ what }) => what === 'act'));
  const ids = [...new Set(acts.map(({ note }) => note))];
  const byId = new Map(await Promise.all(ids.map(async (id) => [id, await receipts.find(id)] as const)));
  const withPerson = (event: PersonEvent): PersonEvent => {
    const receipt = event.what === 'act' ? byId.get(event.note) : undefined;
    return receipt === undefined ? event : { ...event, by: receipt.by, reason: receipt.reason };
  };
  return found.map(({ customer, events }) => ({ customer, events: events.map(withPerson) }));
}
