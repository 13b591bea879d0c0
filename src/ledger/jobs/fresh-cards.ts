/** The cards that the ledger knows to be made within CARD_TTL_DAYS: newer than any export. */

import { type Customer, passIdOf } from '../../domain/jobs/pass-job.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';
import { cardDigest } from './settled-facts.ts';

export interface FreshCards {
  /**
   * Returns for each customer, in order, whether passbridge has made a card of this program that the customer's attributes
   * do not name: the export is older than the card. One round trip.
   */
  areNewer(program: string, customers: readonly Customer[]): Promise<boolean[]>;
}

export function makeFreshCards(redis: RedisConnection, keys: LedgerKeys): FreshCards {
  return {
    async areNewer(program, customers) {
      if (customers.length === 0) return [];
      const cards = await redis.mget(customers.map((customer) => keys.card({ program, customer })));
      return cards.map((card, index) => {
        if (card === null) return false;
        const customer = customers[index];
        const passId = customer && passIdOf(customer);
        return passId === undefined || !card.endsWith(` ${cardDigest({ passId })}`);
      });
    },
  };
}
