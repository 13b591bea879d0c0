/** Finds all that is kept about somebody, whatever they are named by. */

import { emailOf } from '../../../domain/jobs/pass-job.ts';
import type { TraceCounts } from '../../../domain/customers/personal-data.ts';
import { type Who, whoHas } from '../../../domain/customers/customer-query.ts';
import type { Stores } from '../../stores.ts';
import { failureTraces } from './failure-records.ts';
import { jobTraces } from './job-records.ts';
import { personTraces } from './customer-records.ts';
import { nameOf, type Trace } from './erasable-record.ts';
import { writeBackTraces } from './write-back-records.ts';

type TraceStores = Pick<Stores, 'campaigns' | 'failures' | 'parked' | 'passQueue' | 'erasure'>;

/** In the order in which what failed may move: from the failures to the parked jobs, the queue, and home. */
export async function* findTraces(stores: TraceStores, who: Who, now: number): AsyncGenerator<Trace> {
  yield* failureTraces(stores, who);
  yield* jobTraces(stores, who);
  yield* writeBackTraces(stores, who);
  yield* personTraces(stores, who, now);
}

/** What the traces of one customer come to. */
export interface Known {
  /** Whom the traces are of; whoever was named where there are none. */
  who: Who;
  counts: TraceCounts;
  emails: ReadonlySet<string>;
  passIds: ReadonlySet<string>;
  /** Ids. */
  jobs: ReadonlySet<string>;
}

/** What is known about each customer to whom a name leads; their names, `type:value`, come first. */
export async function knownBy(stores: TraceStores, who: Who, now: number): Promise<Map<string, Known>> {
  const customers = new Map<string, Trace[]>();
  for await (const trace of findTraces(stores, who, now)) {
    const name = nameOf(trace.about, who);
    customers.set(name, [...(customers.get(name) ?? []), trace]);
  }
  return new Map([...customers].map(([name, traces]) => [name, { who: whoHas(name), ...summed(traces) }]));
}

function summed(traces: readonly Trace[]): Omit<Known, 'who'> {
  const counts: TraceCounts = {};
  for (const { kind } of traces) counts[kind] = (counts[kind] ?? 0) + 1;
  return {
    counts,
    emails: new Set(traces.flatMap(({ about }) => emailOf(about) ?? [])),
    passIds: new Set(traces.flatMap(({ passIds }) => passIds)),
    jobs: new Set(traces.flatMap(({ jobs }) => jobs)),
  };
}
