/** The customer's line of time, and what leads to it. */

import type { CustomerTimeline } from '../../../domain/customers/timeline.ts';
import type { CustomerQuery } from '../../../domain/customers/customer-query.ts';
import type { Stores } from '../../stores.ts';
import { customerNamed, type PersonalRecord } from './erasable-record.ts';

/** By the index alone: a shared e-mail leads to several. `now`: ms. */
export async function* customerRecords(
  { erasure }: Pick<Stores, 'erasure'>,
  { ids, email, passId }: CustomerQuery,
  now: number,
): AsyncGenerator<PersonalRecord> {
  const names = [...ids, ...[email, passId].filter((name) => name !== undefined)];
  const found = new Map<string, CustomerTimeline>();
  for (const name of names) {
    for (const person of await erasure.people.find(name, now)) found.set(person.customer, person);
  }
  for (const person of found.values()) {
    yield {
      kind: 'person',
      about: customerNamed(person.customer),
      jobs: [...new Set(person.events.map(({ job }) => job))],
      passIds: cardsIn(person),
      erase: async () => ((await erasure.person(person, now)) ? 'erased' : 'gone'),
    };
  }
}

/** A create that is done is noted with the card that it made. */
function cardsIn({ events }: CustomerTimeline): string[] {
  const made = events.filter(({ what, action }) => what === 'done' && action === 'create');
  return made.map(({ note }) => note).filter((passId) => passId !== '');
}
