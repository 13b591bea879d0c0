/** What an export says about the cards that a restored store has forgotten. */

import { type Customer, passIdOf } from '../jobs/pass-job.ts';
import type { Campaign } from './campaign.ts';

/** The customer attribute that holds the time of the card, in unix seconds; the name is the guide's. */
export const PASS_DATE_ATTRIBUTE = 'passmachine_pass_gendate';

/** A customer whose card must not be made again. */
export interface CustomerCard {
  customer: Customer;
  passId: string;
  /** Id of the reissue that made the card; absent if that does not matter. */
  campaign?: string;
}

export interface ReconcileCounts {
  customers: number;
  withCard: number;
  /** Of those with a card, the ones that the store did not know. */
  recorded: number;
  /** Rows of the export without a readable customer. */
  unreadable: number;
}

/**
 * Returns a customer's card, or undefined if the export has none. A card belongs to the newest of the reissues that
 * started before it was made: that reissue must not replace it again.
 */
export function cardInExport(
  customer: Customer,
  reissues: readonly Pick<Campaign, 'id' | 'createdAt'>[],
): CustomerCard | undefined {
  const passId = passIdOf(customer);
  if (passId === undefined) return undefined;
  const madeAt = Number(customer.attributes[PASS_DATE_ATTRIBUTE] ?? Number.NaN);
  const by = reissues
    .filter(({ createdAt }) => madeAt >= Math.floor(createdAt / 1000))
    .toSorted((a, b) => b.createdAt - a.createdAt)[0];
  return by === undefined ? { customer, passId } : { customer, passId, campaign: by.id };
}
