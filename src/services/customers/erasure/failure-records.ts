/** Failed and discarded records, each with the whole job or write-back that failed. */

import { type FailedRecord, jobIdOf } from '../../../domain/failures/failed.ts';
import type { Customer } from '../../../domain/jobs/pass-job.ts';
import { isMeant, type CustomerQuery } from '../../../domain/customers/customer-query.ts';
import type { Stores } from '../../stores.ts';
import { namedIn, type PersonalRecord } from './erasable-record.ts';
import { customerOf } from './write-back-records.ts';

type FailureStores = Pick<Stores, 'campaigns' | 'failures' | 'erasure'>;

/** Looks through all records there are. A row that was turned away where it was read names nobody. */
export async function* failureRecords(
  { campaigns, failures, erasure }: FailureStores,
  who: CustomerQuery,
): AsyncGenerator<PersonalRecord> {
  for (const campaign of await campaigns.allIds()) {
    for (const { cause } of await failures.causes(campaign)) {
      for await (const page of failures.pages(campaign, cause.id)) {
        const erase = (record: FailedRecord) => erasure.failures.erase(campaign, cause.id, [record]);
        yield* recordsIn('failed', page, { who, erase });
      }
    }
    for await (const page of erasure.failures.discarded(campaign)) {
      const erase = (record: FailedRecord) => erasure.failures.eraseDiscarded(campaign, [record]);
      yield* recordsIn('discarded', page, { who, erase });
    }
  }
}

function recordsIn(
  kind: PersonalRecord['kind'],
  records: readonly FailedRecord[],
  { who, erase }: { who: CustomerQuery; erase: (record: FailedRecord) => Promise<number> },
): PersonalRecord[] {
  return records.flatMap((record): PersonalRecord[] => {
    const about = customerIn(record);
    if (about === undefined || !isMeant(who, about)) return [];
    return [
      {
        kind,
        ...namedIn(about, jobIdOf(record) ?? ''),
        erase: async () => ((await erase(record)) > 0 ? 'erased' : 'gone'),
      },
    ];
  });
}

function customerIn(record: FailedRecord): Customer | undefined {
  if ('job' in record) return record.job.customer;
  return 'writeBack' in record ? customerOf(record.writeBack) : undefined;
}
