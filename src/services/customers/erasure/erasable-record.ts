/** One thing that is kept about a customer: what it is, whose, and how it is taken away. */

import { type Customer, customerKey, passIdOf } from '../../../domain/jobs/pass-job.ts';
import type { PersonalRecordKind } from '../../../domain/customers/personal-data.ts';
import { idsOf, type CustomerQuery } from '../../../domain/customers/customer-query.ts';

export interface PersonalRecord {
  kind: PersonalRecordKind;
  /** Whose it is, as it says. */
  about: Customer;
  /** Ids of the jobs that it is of, and of the cards that it names. */
  jobs: readonly string[];
  passIds: readonly string[];
  /** `busy`: it is being sent, and can be taken away once it has ended. `gone`: somebody else took it away. */
  erase(): Promise<Erased>;
}

export type Erased = 'erased' | 'gone' | 'busy';

/** What a trace of one job names. */
export function namedIn(customer: Customer, job: string): Pick<PersonalRecord, 'about' | 'jobs' | 'passIds'> {
  const passId = passIdOf(customer);
  return { about: customer, jobs: [job], passIds: passId === undefined ? [] : [passId] };
}

/** The name by which somebody was meant where it is one of the customer's ids; otherwise the first id. */
export function nameOf(customer: Customer, who: CustomerQuery): string {
  return idsOf(customer).find((id) => who.ids.includes(id)) ?? customerKey(customer);
}

/** A customer of whom only the name is known, `type:value`. */
export function customerNamed(name: string): Customer {
  const colon = name.indexOf(':');
  return { ids: { [name.slice(0, colon)]: name.slice(colon + 1) }, attributes: {} };
}
