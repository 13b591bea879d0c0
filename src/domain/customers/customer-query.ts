/** Whom somebody means who names a customer by e-mail, customer id or card id. */

import { type Customer, emailOf, passIdOf } from '../jobs/pass-job.ts';

/** A customer is meant where any of these is theirs. */
export interface CustomerQuery {
  /** Customer ids as `type:value`. */
  ids: readonly string[];
  /** Without regard to capitals. */
  email?: string;
  passId?: string;
}

/** What a text may name; an id without its type is one of `idTypes`. */
export function parseCustomerQuery(text: string, idTypes: readonly string[]): CustomerQuery {
  const typed = /^[\w-]+:./.test(text) ? [text] : [];
  return { ids: [...typed, ...idTypes.map((type) => `${type}:${text}`)], email: text, passId: text };
}

/** Only whoever has this very id, `type:value`. */
export function customerById(id: string): CustomerQuery {
  return { ids: [id] };
}

export function isMeant(who: CustomerQuery, customer: Customer): boolean {
  if (idsOf(customer).some((id) => who.ids.includes(id))) return true;
  if (who.email !== undefined && emailOf(customer)?.toLowerCase() === who.email.toLowerCase()) return true;
  return who.passId !== undefined && passIdOf(customer) === who.passId;
}

/** All ids of a customer as `type:value`. */
export function idsOf({ ids }: Pick<Customer, 'ids'>): string[] {
  return Object.entries(ids).map(([type, value]) => `${type}:${value}`);
}
