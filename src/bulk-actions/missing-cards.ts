/** Who of a segment should have a card and has none, has one that is gone, or has two. */

import type { MissingCard, MissingChunk } from '../domain/failures/missing-card.ts';
import { type Customer, customerKey, passIdOf } from '../domain/jobs/pass-job.ts';
import type { Source } from '../domain/campaigns/source-row.ts';

/** What is known beside the source. */
export interface KnownCards {
  /** Ids for which Passmachine answered that there is no such card. */
  gone: ReadonlySet<string>;
  /** Customers for whom more than one was made, with their ids. */
  twice: ReadonlyMap<string, readonly string[]>;
}

/** Goes through a source, chunk by chunk. */
export async function* findMissingCards(
  source: Pick<Source, 'rows'>,
  known: KnownCards,
): AsyncGenerator<MissingChunk> {
  for await (const chunk of source.rows()) {
    const missing: MissingCard[] = [];
    let unreadable = 0;
    for (const row of chunk) {
      if (!row.ok) unreadable += 1;
      else missing.push(...lackOf(row.number, row.customer, known));
    }
    yield { missing, rows: chunk.length, unreadable };
  }
}

function lackOf(row: number, customer: Customer, { gone, twice }: KnownCards): MissingCard[] {
  const passId = passIdOf(customer);
  if (passId === undefined) return [{ row, customer, lack: 'none', passIds: [] }];
  if (gone.has(passId)) return [{ row, customer, lack: 'gone', passIds: [passId] }];
  const made = twice.get(customerKey(customer));
  if (made === undefined) return [];
  return [{ row, customer, lack: 'two', passIds: [passId, ...made.filter((id) => id !== passId)] }];
}
