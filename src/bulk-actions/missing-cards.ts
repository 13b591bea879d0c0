/** Lists the customers of a segment whose card is missing, deleted or duplicated. */

import type { Source } from '../domain/campaigns/source-row.ts';
import type { MissingCard, MissingChunk } from '../domain/failures/missing-card.ts';
import { type Customer, customerKey, passIdOf } from '../domain/jobs/pass-job.ts';

/** What passbridge knows about cards, independent of the source. */
export interface KnownCards {
  /** Ids that Passmachine answered with 404. */
  deleted: ReadonlySet<string>;
  /** Customers with more than one card, and the cards' ids. */
  duplicated: ReadonlyMap<string, readonly string[]>;
  /** Returns for each customer whether passbridge made a card that their attributes do not name. */
  haveNewerCard: (customers: readonly Customer[]) => Promise<readonly boolean[]>;
}

/**
 * Reads a source and yields a result for each chunk of rows. The newest card counts: an export from before a campaign does
 * not name the cards that it made.
 */
export async function* findMissingCards(
  source: Pick<Source, 'rows'>,
  known: KnownCards,
): AsyncGenerator<MissingChunk> {
  for await (const chunk of source.rows()) {
    const missing: MissingCard[] = [];
    let unreadable = 0;
    for (const row of chunk) {
      if (row.ok) missing.push(...problemOf(row.number, row.customer, known));
      else unreadable += 1;
    }
    yield { missing: await withoutNewerCard(missing, known), rows: chunk.length, unreadable };
  }
}

function problemOf(
  row: number,
  customer: Customer,
  { deleted, duplicated }: Pick<KnownCards, 'deleted' | 'duplicated'>,
): MissingCard[] {
  const passId = passIdOf(customer);
  if (passId === undefined) return [{ row, customer, problem: 'missing', passIds: [] }];
  if (deleted.has(passId)) return [{ row, customer, problem: 'deleted', passIds: [passId] }];
  const made = duplicated.get(customerKey(customer));
  if (made === undefined) return [];
  const passIds = [passId, ...made.filter((id) => id !== passId)];
  return [{ row, customer, problem: 'duplicated', passIds }];
}

async function withoutNewerCard(found: readonly MissingCard[], known: KnownCards): Promise<MissingCard[]> {
  const lacking = found.filter(({ problem }) => problem !== 'duplicated');
  const newer = await known.haveNewerCard(lacking.map(({ customer }) => customer));
  const served = new Set(lacking.filter((_card, index) => newer[index]));
  return found.filter((card) => !served.has(card));
}
