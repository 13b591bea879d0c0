/** What Bloomreach has yet to be told: in the outbox, gathering for an import, or in a parcel. */

import type { Customer } from '../../../domain/jobs/pass-job.ts';
import type { Json } from '../../../domain/jobs/program.ts';
import { isMeant, type CustomerQuery } from '../../../domain/customers/customer-query.ts';
import type { WriteBack } from '../../../domain/jobs/write-back.ts';
import type { WaitingWriteBack } from '../../../ledger/write-back/write-back-erasure.ts';
import type { Stores } from '../../stores.ts';
import { namedIn, type PersonalRecord } from './erasable-record.ts';

/** What is being sent at this moment is taken away as well: Bloomreach may have it by then. */
export async function* writeBackRecords(
  { campaigns, erasure: { writeBacks } }: Pick<Stores, 'campaigns' | 'erasure'>,
  who: CustomerQuery,
): AsyncGenerator<PersonalRecord> {
  for await (const page of writeBacks.outbox()) yield* recordsIn(page, who);
  for (const campaign of await campaigns.allIds()) {
    for await (const page of writeBacks.pendingImport(campaign)) yield* recordsIn(page, who);
  }
  for await (const page of writeBacks.importBatches()) yield* recordsIn(page, who);
}

function recordsIn(page: readonly WaitingWriteBack[], who: CustomerQuery): PersonalRecord[] {
  return page.flatMap(({ writeBack, erase }): PersonalRecord[] => {
    const about = customerOf(writeBack);
    if (!isMeant(who, about)) return [];
    return [
      {
        kind: 'write-back',
        ...namedIn(about, writeBack.id),
        erase: async () => ((await erase()) ? 'erased' : 'gone'),
      },
    ];
  });
}

/** The customer that it is about; what looks like an e-mail among the attributes is theirs. */
export function customerOf({ data }: WriteBack): Customer {
  const { customer_ids: ids, properties } = data as {
    customer_ids: Record<string, Json>;
    properties?: Record<string, Json>;
  };
  const attributes = properties ?? {};
  const email = Object.values(attributes).find((value) => typeof value === 'string' && value.includes('@'));
  return {
    ids: Object.fromEntries(
      Object.entries(ids).map(([type, id]) => [type, typeof id === 'string' ? id : JSON.stringify(id)]),
    ),
    attributes: email === undefined ? attributes : { email, ...attributes },
  };
}
