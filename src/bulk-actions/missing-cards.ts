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
}

/** Reads a source and yields a result for each chunk of rows. */
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
    yield { missing, rows: chunk.length, unreadable };
  }
}

function problemOf(row: number, customer: Customer, { deleted, duplicated }: KnownCards): MissingCard[] {
  const passId = passIdOf(customer);
  if (passId === undefined) return [{ row, customer, problem: 'missing', passIds: [] }];
  if (deleted.has(passId)) return [{ row, customer, problem: 'deleted', passIds: [passId] }];
  const made = duplicated.get(customerKey(customer));
  if (made === undefined) return [];
  const passIds = [passId, ...made.filter((id) => id !== passId)];
  return [{ row, customer, problem: 'duplicated', passIds }];
}
