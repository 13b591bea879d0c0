/** Matches customers by email, customer id or card id, as an operator types them. */

import { type Customer, emailOf, passIdOf } from '../jobs/pass-job.ts';

/** Matches a customer if any of these is theirs. */
export interface CustomerQuery {
  /** Customer ids as `type:value`. */
  ids: readonly string[];
  /** Compared case-insensitively. */
  email?: string;
  passId?: string;
}

/** Parses a search text: an email, a card id, or a customer id. An id without a type is tried as each of `idTypes`. */
export function parseCustomerQuery(text: string, idTypes: readonly string[]): CustomerQuery {
  const typed = /^[\w-]+:./.test(text) ? [text] : [];
  return { ids: [...typed, ...idTypes.map((type) => `${type}:${text}`)], email: text, passId: text };
}

/** Matches only the customer with this id, `type:value`. */
export function customerById(id: string): CustomerQuery {
  return { ids: [id] };
}

export function matchesCustomer(query: CustomerQuery, customer: Customer): boolean {
  if (idsOf(customer).some((id) => query.ids.includes(id))) return true;
  if (query.email !== undefined && emailOf(customer)?.toLowerCase() === query.email.toLowerCase())
    return true;
  return query.passId !== undefined && passIdOf(customer) === query.passId;
}

/** Returns all ids of a customer as `type:value`. */
export function idsOf({ ids }: Pick<Customer, 'ids'>): string[] {
  return Object.entries(ids).map(([type, value]) => `${type}:${value}`);
}

/** Makes a customer with only this id, `type:value`. */
export function customerOfId(id: string): Customer {
  const colon = id.indexOf(':');
  return { ids: { [id.slice(0, colon)]: id.slice(colon + 1) }, attributes: {} };
}
