/** Finds all that is kept about somebody, whatever they are named by. */

import { emailOf } from '../../../domain/jobs/pass-job.ts';
import type { PersonalRecordCounts } from '../../../domain/customers/personal-data.ts';
import { type CustomerQuery, customerById } from '../../../domain/customers/customer-query.ts';
import type { Stores } from '../../stores.ts';
import { failureRecords } from './failure-records.ts';
import { jobRecords } from './job-records.ts';
import { customerRecords } from './customer-records.ts';
import { nameOf, type PersonalRecord } from './erasable-record.ts';
import { writeBackRecords } from './write-back-records.ts';

type RecordStores = Pick<Stores, 'campaigns' | 'failures' | 'parked' | 'passQueue' | 'erasure'>;

/** In the order in which what failed may move: from the failures to the parked jobs, the queue, and home. */
export async function* findRecords(
  stores: RecordStores,
  who: CustomerQuery,
  now: number,
): AsyncGenerator<PersonalRecord> {
  yield* failureRecords(stores, who);
  yield* jobRecords(stores, who);
  yield* writeBackRecords(stores, who);
  yield* customerRecords(stores, who, now);
}

/** What the traces of one customer come to. */
export interface Known {
  /** Whom the traces are of; whoever was named where there are none. */
  who: CustomerQuery;
  counts: PersonalRecordCounts;
  emails: ReadonlySet<string>;
  passIds: ReadonlySet<string>;
  /** Ids. */
  jobs: ReadonlySet<string>;
}

/** What is known about each customer to whom a name leads; their names, `type:value`, come first. */
export async function knownBy(
  stores: RecordStores,
  who: CustomerQuery,
  now: number,
): Promise<Map<string, Known>> {
  const customers = new Map<string, PersonalRecord[]>();
  for await (const trace of findRecords(stores, who, now)) {
    const name = nameOf(trace.about, who);
    customers.set(name, [...(customers.get(name) ?? []), trace]);
  }
  return new Map(
    [...customers].map(([name, traces]) => [name, { who: customerById(name), ...summed(traces) }]),
  );
}

function summed(traces: readonly PersonalRecord[]): Omit<Known, 'who'> {
  const counts: PersonalRecordCounts = {};
  for (const { kind } of traces) counts[kind] = (counts[kind] ?? 0) + 1;
  return {
    counts,
    emails: new Set(traces.flatMap(({ about }) => emailOf(about) ?? [])),
    passIds: new Set(traces.flatMap(({ passIds }) => passIds)),
    jobs: new Set(traces.flatMap(({ jobs }) => jobs)),
  };
}
